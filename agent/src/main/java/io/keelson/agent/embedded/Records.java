package io.keelson.agent.embedded;

import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Small files that are there whole, or as they were before, whenever the process dies. */
final class Records {
    private static final int MAX_BYTES = 1 << 20;

    private Records() {}

    /** Names and values; empty if there is no such file, or it is damaged. */
    static Map<String, String> read(Path file) {
        Map<String, String> record = new TreeMap<>();
        try {
            if (Files.size(file) > MAX_BYTES) {
                return record;
            }
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
            properties.stringPropertyNames().forEach(name -> record.put(name, properties.getProperty(name)));
        } catch (IOException | IllegalArgumentException damaged) {
            record.clear();
        }
        return record;
    }

    static void write(Path file, Map<String, String> record) throws IOException {
        Properties properties = new Properties();
        properties.putAll(record);
        WholeFile.write(file, properties);
    }

    static long number(Map<String, String> record, String name) {
        try {
            return Long.parseLong(record.getOrDefault(name, "0"));
        } catch (NumberFormatException damaged) {
            return 0;
        }
    }

    /** Removes a folder and all below it, never through a link. */
    static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
                for (Path child : inside) {
                    delete(child);
                }
            } catch (NoSuchFileException gone) {
                return;
            }
        }
        Files.deleteIfExists(path);
    }
}
