//! What is the window's alone and not clinical: `preferences.db`, hosted by the SQL plugin and reached from Rust only.

use std::path::Path;

use seekwell_core::error::{Code, Failure};
use serde::{Deserialize, Serialize};
use sqlx::{Pool, Row, Sqlite};
use tauri::{AppHandle, Context, Manager, plugin::TauriPlugin};
use tauri_plugin_sql::{DbInstances, DbPool, Migration, MigrationKind, PluginConfig};

/// Language, theme and the last screen. Ids only, no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub(crate) struct Preferences {
    language: Option<Language>,
    theme: Theme,
    last_route: Option<String>,
    /// Whether a new urgent case is heard. Not said: it is.
    urgent_sound: Option<bool>,
}

impl Preferences {
    /// The language that was chosen; none where the system's counts.
    pub(crate) fn language(&self) -> Option<Language> {
        self.language
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    Vi,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

/// One row whose text is the preferences as JSON.
const TABLE: &str = "-- What the window remembers of itself: one row, nothing clinical.
CREATE TABLE preferences (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT;";

const FILE: &str = "preferences.db";

/// Lets the plugin open the database at start.
pub(crate) fn configure(context: &mut Context, data_dir: &Path) {
    // What is wrong with the directory is said by the window.
    let _ = std::fs::create_dir_all(data_dir);
    let preload = serde_json::json!({ "preload": [url(data_dir)] });
    context.config_mut().plugins.0.insert("sql".to_owned(), preload);
}

/// Opens the database. A damaged one is set apart, and where none can be opened nothing is remembered past this run: neither keeps
/// the window from opening.
pub(crate) fn open(app: &AppHandle, data_dir: &Path) {
    let Err(error) = app.plugin(plugin(data_dir)) else {
        return;
    };
    tracing::warn!(%error, "the window's preferences can't be opened");
    let opened = set_apart(data_dir).map_err(tauri::Error::from);
    if let Err(error) = opened.and_then(|()| app.plugin(plugin(data_dir))) {
        tracing::warn!(%error, "the window remembers nothing");
    }
}

/// Out of the way, with what belongs to it.
fn set_apart(data_dir: &Path) -> std::io::Result<()> {
    for part in ["-wal", "-shm", "-journal"] {
        // It may not be there.
        let _ = std::fs::remove_file(data_dir.join(format!("{FILE}{part}")));
    }
    std::fs::rename(data_dir.join(FILE), data_dir.join(format!("{FILE}.damaged")))
}

/// The SQL plugin with this database's table.
fn plugin(data_dir: &Path) -> TauriPlugin<tauri::Wry, Option<PluginConfig>> {
    let table = Migration {
        version: 1,
        description: "preferences",
        sql: TABLE,
        kind: MigrationKind::Up,
    };
    tauri_plugin_sql::Builder::default()
        .add_migrations(&url(data_dir), vec![table])
        .build()
}

/// What was remembered; the defaults where nothing was, or where it can't be read any more.
pub(crate) async fn read(app: &AppHandle) -> Result<Preferences, Failure> {
    let stored = match pool(app).await {
        Some(pool) => sqlx::query("SELECT json FROM preferences WHERE id = 1")
            .fetch_optional(&pool)
            .await
            .map_err(failed)?,
        None => None,
    };
    let json = stored
        .map(|row| row.try_get::<String, _>("json"))
        .transpose()
        .map_err(failed)?;
    let read = json.and_then(|json| serde_json::from_str(&json).ok());
    Ok(read.unwrap_or(Preferences {
        language: None,
        theme: Theme::System,
        last_route: None,
        urgent_sound: None,
    }))
}

/// Remembers.
pub(crate) async fn write(app: &AppHandle, preferences: &Preferences) -> Result<(), Failure> {
    let Some(pool) = pool(app).await else {
        return Ok(());
    };
    let json = serde_json::to_string(preferences).map_err(failed)?;
    sqlx::query("INSERT INTO preferences (id, json) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json")
        .bind(json)
        .execute(&pool)
        .await
        .map_err(failed)?;
    Ok(())
}

fn url(data_dir: &Path) -> String {
    let absolute = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
    format!("sqlite:{}", absolute.join(FILE).display())
}

async fn pool(app: &AppHandle) -> Option<Pool<Sqlite>> {
    let instances = app.try_state::<DbInstances>()?;
    let open = instances.0.read().await;
    open.values()
        .map(|pool| match pool {
            DbPool::Sqlite(pool) => pool.clone(),
        })
        .next()
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure {
        code: Code::StorageFailed,
        message: error.to_string(),
        subject: None,
    }
}
