"""Checks, exports, publishes and scores the pipeline from Python, as a notebook would."""

import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

import pillion

spark = SparkSession.builder.config(map=pillion.spark_config()).getOrCreate()
model = PipelineModel.load("lecturers")
rows = spark.read.parquet("rows.parquet")
print(pillion.check(model, rows).passed)

version = pillion.export(model, rows)
version.report().save("report.html")
print(version.publish("models", require_exact=True))

frame = pd.read_parquet("rows.parquet").head(3)
print(pillion.load("models/lecturers").predict(frame)["probability(1)"].round(2).tolist())

students = pd.read_parquet("students.parquet")
lecturers = spark.read.csv("lecturers.csv", header=True, inferSchema=True)
loaded = pillion.features.load(users=students, items=lecturers, events="ratings.jsonl")
print(loaded.users, loaded.items, loaded.events)
