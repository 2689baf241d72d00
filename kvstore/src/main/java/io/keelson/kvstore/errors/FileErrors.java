package io.keelson.kvstore.errors;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be used, for people: the exceptions of Java's file systems say no more than its name. */
public final class FileErrors {
    private FileErrors() {}

    /** Without the name of the file. */
    public static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            default -> {
                String message = failure.getMessage();
                yield message == null ? "it cannot be read" : message;
            }
        };
    }
}
