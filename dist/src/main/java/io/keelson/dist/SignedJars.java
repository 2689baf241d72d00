package io.keelson.dist;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * Takes the signatures off the jars of a folder, the only argument. The JVM's AOT cache leaves classes of signed jars out, and
 * to load one of those it reads a manifest with a digest of every class in the jar. Nothing here looks at who signed a jar.
 */
public final class SignedJars {
    private SignedJars() {}

    /** Changes the jars that are signed; the others stay as they are. */
    public static void main(String[] arguments) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        for (Path jar : jars) {
            strip(jar);
        }
    }

    static void strip(Path jar) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            Path folder = content.getPath("META-INF");
            if (!Files.isDirectory(folder)) {
                return;
            }
            List<Path> signatures;
            try (Stream<Path> files = Files.list(folder)) {
                signatures = files.filter(SignedJars::isSignature).toList();
            }
            if (signatures.isEmpty()) {
                return;
            }
            for (Path signature : signatures) {
                Files.delete(signature);
            }
            Path file = folder.resolve("MANIFEST.MF");
            Manifest manifest;
            try (InputStream in = Files.newInputStream(file)) {
                manifest = new Manifest(in);
            }
            manifest.getEntries().clear();
            try (OutputStream out = Files.newOutputStream(file)) {
                manifest.write(out);
            }
        }
    }

    private static boolean isSignature(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".SF") || name.endsWith(".RSA") || name.endsWith(".DSA") || name.endsWith(".EC");
    }
}
