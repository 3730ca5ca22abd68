-- A SeekWell database as the plan sketches it: the key of a user is `id`, a role is text. The passwords are bcrypt hashes of
-- `mật khẩu mẫu`.

CREATE TABLE users (
    id              serial       PRIMARY KEY,
    username        varchar(50)  NOT NULL UNIQUE,
    email           varchar(100) NOT NULL UNIQUE,
    hashed_password text         NOT NULL,
    role            text         NOT NULL,
    full_name       text         NOT NULL,
    created_at      timestamp    NOT NULL DEFAULT now()
);

CREATE TABLE patients (
    patient_id integer PRIMARY KEY REFERENCES users (id),
    full_name  text NOT NULL
);

INSERT INTO users (username, email, hashed_password, role, full_name, created_at) VALUES
    ('quan.tri', 'quan.tri@example.test', '$2b$04$BJ3bQza.bvDKw13Zs71Cvu0KKU0awlAPOVYiEuHCuTsx7eTPZCt1O', 'ADMIN', 'Phạm Quản Trị (mẫu)', '2026-01-02 03:04:05'),
    ('benh.nhan.1', 'bn1@example.test', '$2b$04$OKLJyZ12tSrKe8sufnWL9.fm427bAeF8HNae1nrfi8WHlqeE9a/sa', 'PATIENT', 'Nguyễn Văn Một (mẫu)', '2026-01-02 03:04:05');
INSERT INTO patients (patient_id, full_name) VALUES (2, 'Nguyễn Văn Một (mẫu)');
