package io.keelson.junit;

/** The namespace that a test has for itself; in a constructor or {@code @BeforeAll}, that of the class. */
public record TestNamespace(String name) {
    @Override
    public String toString() {
        return name;
    }
}
