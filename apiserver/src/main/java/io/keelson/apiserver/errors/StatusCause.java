package io.keelson.apiserver.errors;

/**
 * One of the causes in the details of a {@code Status}.
 *
 * @param reason for programs, {@code FieldValueInvalid} for example
 * @param message for people
 * @param field where in the object, {@code spec.replicas} for example; empty if nowhere
 */
public record StatusCause(String reason, String message, String field) {}
