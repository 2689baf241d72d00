package io.keelson.kvstore.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * RocksDB's native code, which comes out of its jar as a file of 17 MB. Left to itself it goes to the folder of temporary
 * files under a name of its own, and stays there whenever a process is killed. Here it lies in the member's folder while it is
 * loaded, and what a process that was killed just then has left, the next one takes away.
 */
final class RocksLibrary {
    private static final String FOLDER = "library";
    private static boolean isLoaded;

    private RocksLibrary() {}

    /**
     * Loads it, once in a process.
     *
     * @param folder of a member; nobody else works in it
     * @throws IOException if it cannot be written there
     */
    static synchronized void load(Path folder) throws IOException {
        if (isLoaded) {
            return;
        }
        Path place = folder.resolve(FOLDER);
        Files.createDirectories(place);
        NativeLibraryLoader.getInstance().loadLibrary(place.toString());
        RocksDB.loadLibrary();
        isLoaded = true;
        // The process keeps what it has loaded, also when that has no name any more.
        remove(place);
    }

    private static void remove(Path place) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(place)) {
            files = all.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(place);
    }
}
