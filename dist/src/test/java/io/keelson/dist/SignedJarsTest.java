package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedJarsTest {
    @TempDir
    Path folder = Path.of("");

    private Path jar(String name, Map<String, String> files, boolean digests) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_TITLE, name);
        if (digests) {
            Attributes digest = new Attributes();
            digest.putValue("SHA-256-Digest", "AAAA");
            manifest.getEntries().put("a/B.class", digest);
        }
        Path jar = folder.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    @Test
    void takesSignaturesAndDigestsOffAndLeavesTheRest() throws IOException {
        Path signed = jar(
                "signed.jar",
                Map.of("a/B.class", "code", "META-INF/X.SF", "s", "META-INF/X.RSA", "r", "META-INF/services/s", "t"),
                true);
        SignedJars.main(new String[] {folder.toString()});
        try (JarFile jar = new JarFile(signed.toFile())) {
            assertNull(jar.getEntry("META-INF/X.SF"));
            assertNull(jar.getEntry("META-INF/X.RSA"));
            assertEquals(Map.of(), jar.getManifest().getEntries());
            assertEquals("signed.jar", jar.getManifest().getMainAttributes().getValue("Implementation-Title"));
            assertArrayEquals(
                    "code".getBytes(StandardCharsets.UTF_8),
                    jar.getInputStream(jar.getEntry("a/B.class")).readAllBytes());
            assertArrayEquals(
                    "t".getBytes(StandardCharsets.UTF_8),
                    jar.getInputStream(jar.getEntry("META-INF/services/s")).readAllBytes());
        }
    }

    @Test
    void jarsThatAreNotSignedStayAsTheyAre() throws IOException {
        Path plain = jar("plain.jar", Map.of("a/B.class", "code"), true);
        byte[] before = Files.readAllBytes(plain);
        SignedJars.main(new String[] {folder.toString()});
        assertArrayEquals(before, Files.readAllBytes(plain));
    }
}
