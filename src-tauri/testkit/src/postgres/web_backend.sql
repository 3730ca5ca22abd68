-- A SeekWell database as its web backend makes it, with a few people and results in it. The passwords are bcrypt hashes of
-- `mật khẩu mẫu`.

CREATE TYPE userrole AS ENUM ('PATIENT', 'LOCAL_CADRE', 'DOCTOR', 'OFFICIAL', 'ADMIN');
CREATE TYPE gender AS ENUM ('MALE', 'FEMALE', 'OTHER');

CREATE TABLE users (
    user_id         serial       PRIMARY KEY,
    username        varchar(100) NOT NULL UNIQUE,
    email           varchar(255) NOT NULL UNIQUE,
    hashed_password varchar(255) NOT NULL,
    role            userrole     NOT NULL,
    full_name       varchar(100) NOT NULL
);

CREATE TABLE patients (
    patient_id    integer PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
    full_name     varchar(100) NOT NULL,
    date_of_birth date,
    gender        gender,
    address       varchar(255),
    phone_number  varchar(20) UNIQUE,
    class_role    varchar(50)
);

CREATE TABLE analysis_results (
    result_id             serial PRIMARY KEY,
    patient_id            integer      NOT NULL REFERENCES patients (patient_id),
    image_url             varchar(255) NOT NULL,
    upload_timestamp      timestamptz DEFAULT now(),
    prediction            varchar(50),
    confidence_score      float,
    risk_level            varchar(20),
    is_urgent             boolean DEFAULT false,
    reviewed_by_doctor_id integer REFERENCES users (user_id),
    doctor_feedback       text,
    status                varchar(20)
);

INSERT INTO users (username, email, hashed_password, role, full_name) VALUES
    ('quan.tri', 'quan.tri@example.test', '$2b$04$BJ3bQza.bvDKw13Zs71Cvu0KKU0awlAPOVYiEuHCuTsx7eTPZCt1O', 'ADMIN', 'Phạm Quản Trị (mẫu)'),
    ('bs.hoa', 'bs.hoa@example.test', '$2b$04$OKLJyZ12tSrKe8sufnWL9.fm427bAeF8HNae1nrfi8WHlqeE9a/sa', 'DOCTOR', 'Đỗ Thị Hoa (mẫu)'),
    ('benh.nhan.1', 'bn1@example.test', '$2b$04$Tc8301yD5s2oZjptS85Iqu8XtVikzfX0abwAzcIDTox.iCiwMFaxm', 'PATIENT', 'Nguyễn Văn Một (mẫu)'),
    ('can.bo', 'can.bo@example.test', '$2b$04$CZvAe/Lsklg2tcflg5vG0.tns8Fj9TBCgcej/Sm4kGUW8lVAj.Q0i', 'LOCAL_CADRE', 'Lê Cán Bộ (mẫu)');
INSERT INTO patients (patient_id, full_name, date_of_birth, gender, phone_number) VALUES
    (3, 'Nguyễn Văn Một (mẫu)', '1957-02-03', 'MALE', '+84000000001');
INSERT INTO analysis_results (patient_id, image_url, prediction, confidence_score, risk_level, is_urgent, status) VALUES
    (3, 'https://example.test/1.jpg', 'MEL', 0.71, 'URGENT', true, 'PENDING');
