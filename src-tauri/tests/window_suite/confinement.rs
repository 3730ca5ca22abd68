//! What the page can't do, even if somebody else's script ran in it.

use seekwell_testkit::webdriver::Nurse;
use serde_json::{Value, json};

use super::clinic::{Clinic, named, patient_with_photos};

/// Calls a command as the page could; gives how it ended.
const INVOKE: &str = "const done = arguments[arguments.length - 1];
    window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then((value) => done(['ok', value]), (error) => done(['refused', error]))";

#[tokio::test]
async fn the_page_reaches_the_commands_it_was_granted_and_nothing_else() {
    let clinic = Clinic::founded().await;
    let photo = clinic
        .behind_the_window(async |workstation, caller| {
            patient_with_photos(workstation, caller, named("Nguyễn Văn Hòa (mẫu)"), 1)
                .await
                .1[0]
        })
        .await;
    let window = clinic.window().await;
    window.wait_for("sign-in").await.unwrap();

    // Nobody has signed in: no record and no picture.
    let answer = window
        .run_async(INVOKE, &[json!("recent_patients"), json!({})])
        .await
        .unwrap();
    assert_eq!(
        (&answer[0], &answer[1]["code"]),
        (&json!("refused"), &json!("not_signed_in"))
    );
    let picture = "const done = arguments[arguments.length - 1];
        const image = new Image();
        image.onload = () => done('shown');
        image.onerror = () => done('refused');
        image.src = arguments[0]";
    let address = json!(format!("photo://localhost/{photo}/derivative"));
    assert_eq!(
        window
            .run_async(picture, std::slice::from_ref(&address))
            .await
            .unwrap(),
        json!("refused")
    );

    Nurse::at(&window).sign_in().await.unwrap();
    assert_eq!(
        window.run_async(picture, &[address]).await.unwrap(),
        json!("shown")
    );

    // Plugins are for Rust: from here any of these would be any SQL, any file.
    for (command, arguments) in [
        ("plugin:sql|load", json!({ "db": "sqlite:any.db" })),
        (
            "plugin:sql|select",
            json!({ "db": "sqlite:any.db", "query": "SELECT 1", "values": [] }),
        ),
        (
            "plugin:sql|execute",
            json!({ "db": "sqlite:any.db", "query": "VACUUM", "values": [] }),
        ),
        ("plugin:fs|read_file", json!({ "path": "/etc/hostname" })),
        ("plugin:fs|write_file", json!({ "path": "any.txt" })),
        ("plugin:dialog|message", json!({ "message": "any" })),
        (
            "plugin:webview|create_webview_window",
            json!({ "options": { "label": "other", "url": "/" } }),
        ),
    ] {
        let answer = window
            .run_async(INVOKE, &[json!(command), arguments])
            .await
            .unwrap();
        assert_eq!(answer[0], json!("refused"), "{command}: {answer}");
        assert!(
            answer[1]
                .as_str()
                .is_some_and(|reason| reason.contains("not allowed")),
            "{command} was refused for another reason: {answer}"
        );
    }

    // The content policy: no script of another's, no request to anywhere, nothing kept in the browser.
    let policy = "const done = arguments[arguments.length - 1];
        const broken = [];
        document.addEventListener('securitypolicyviolation', (event) => broken.push(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.__ran = true';
        document.body.append(script);
        new Image().src = 'https://example.test/leak.png';
        fetch('https://example.test/leak').catch(() => undefined).then(() => {
          try { window.eval('window.__ran = true') } catch { broken.push('eval') }
          const look = () => broken.length >= 4 ? done([window.__ran === true, [...new Set(broken)].sort()]) : setTimeout(look, 20);
          look();
        })";
    let answer = window.run_async(policy, &[]).await.unwrap();
    assert_eq!(answer[0], json!(false), "a script of another's ran");
    let broken = answer[1].as_array().unwrap();
    for directive in ["connect-src", "eval", "img-src"] {
        assert!(
            broken.contains(&json!(directive)),
            "{directive} held nothing: {broken:?}"
        );
    }
    let stored = window
        .run(
            "const count = (storage) => { try { return storage().length } catch { return 0 } };
             return [count(() => window.localStorage), count(() => window.sessionStorage)]",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(stored, Value::from(vec![0, 0]));
    window.close().await.unwrap();
}
