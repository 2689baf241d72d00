package io.keelson.apiserver.request;

/** What happens to fields of a request's object that are unknown or there twice. */
public enum FieldValidation {
    /** They are dropped without a word. */
    IGNORE,
    /** They are dropped, and the answer carries a warning for each. */
    WARN,
    /** The request fails. */
    STRICT
}
