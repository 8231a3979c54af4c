"""Types of a model's rows and predictions in Go and Java, so that a wrong name of a feature is a compile error."""

from pillion.codegen.contract import TypedContract, read_contract
from pillion.codegen.go import generate_go
from pillion.codegen.java import generate_java

__all__ = ["TypedContract", "generate_go", "generate_java", "read_contract"]
