package io.keelson.dist;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * A distribution as it is delivered, but for its jar, which only says where the classes of this test run are: the real one
 * is packed when tests have passed.
 */
final class TestDistribution {
    private TestDistribution() {}

    /** Makes one in a folder that need not be there; its {@code bin/keelson}. */
    static Path in(Path folder) throws IOException {
        Path program = folder.resolve("bin/keelson");
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("lib"));
        Files.copy(ProjectFolder.top().resolve("dist/src/main/scripts/keelson"), program);
        makeExecutable(program);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
        try (OutputStream file = Files.newOutputStream(folder.resolve("lib/keelson.jar"));
                JarOutputStream jar = new JarOutputStream(file, manifest)) {
            jar.finish();
        }
        return program;
    }

    private static String classPath() {
        return Arrays.stream(
                        String.valueOf(System.getProperty("java.class.path")).split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
    }

    static void makeExecutable(Path program) {
        if (!program.toFile().setExecutable(true)) {
            throw new AssertionError(program + " cannot be made executable");
        }
    }

    /** Lets what is started find this Java, and take little memory. */
    static void prepare(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("ETCD_"));
        environment.put("KEELSON_JAVA_HOME", System.getProperty("java.home"));
        environment.put("KEELSON_JAVA_OPTS", "-Xmx256m -XX:+UseSerialGC");
    }
}
