package io.keelson.dist.up;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why something failed, in words. Some problems say only which file they are about, and the API's client at times nothing at all. */
public final class Reason {
    private static final int CAUSES_MAX = 16;

    private Reason() {}

    /** For a line of its own. */
    public static String of(Exception problem) {
        return switch (problem) {
            case FileSystemException e -> of(e);
            case KubernetesClientException e when e.getCode() <= 0 -> deepest(e);
            default -> text(problem);
        };
    }

    private static String of(FileSystemException problem) {
        String file = String.valueOf(problem.getFile());
        return switch (problem) {
            case NoSuchFileException _ -> file + " is not there";
            case AccessDeniedException _ ->
                file + " is not for this user: run this as the user who owns it, or as root";
            case FileAlreadyExistsException _ -> file + " is there already";
            case NotDirectoryException _ -> file + " is no folder";
            case DirectoryNotEmptyException _ -> file + " is not empty";
            default -> text(problem);
        };
    }

    /** Of a request that got no answer the cause knows more than the problem. */
    private static String deepest(Throwable problem) {
        Throwable deepest = problem;
        for (int i = 0; i < CAUSES_MAX && deepest.getCause() != null; i++) {
            deepest = deepest.getCause();
        }
        return text(deepest);
    }

    private static String text(Throwable problem) {
        String message = problem.getMessage();
        return message == null || message.isBlank() ? problem.getClass().getSimpleName() : message;
    }
}
