package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file that is held by the kernel's number for it: whoever renames or replaces it changes nothing of what is held.
 *
 * @param number the descriptor
 */
record Descriptor(int number) implements AutoCloseable {
    private static final byte[] ITSELF = {};

    /**
     * What makes two files the same one.
     *
     * @param device of the filesystem
     * @param inode in it
     */
    record Identity(long device, long inode) {}

    /** Opens a folder by a path that nobody else may change, links included. */
    static Descriptor folder(Path path) throws IOException {
        return new Descriptor(
                Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(path.toString()), Libc.O_RDONLY | Libc.O_DIRECTORY, 0));
    }

    /** Holds whatever a path leads to, without opening it as such: a pipe does not wait, a device does not notice. */
    static Descriptor place(String path) throws IOException {
        return new Descriptor(Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(path), Libc.O_PATH, 0));
    }

    /** Opens an entry of this folder, which must be a folder itself and no link. */
    Descriptor folder(byte[] name) throws IOException {
        return new Descriptor(Libc.openAt(number, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, 0));
    }

    /** Holds an entry of this folder, be it a link. */
    Descriptor entry(byte[] name) throws IOException {
        return new Descriptor(Libc.openAt(number, name, Libc.O_PATH | Libc.O_NOFOLLOW, 0));
    }

    /** What is known of it. */
    Libc.Status status() throws IOException {
        return Libc.status(number, ITSELF);
    }

    /** A path that leads here and nowhere else for as long as it is held. */
    Path path() {
        return Path.of("/proc/self/fd/" + number);
    }

    /** What makes it the same as another one. */
    Identity identity() throws IOException {
        return identity(path());
    }

    /** What makes the file at a path the same as another one; links are followed. */
    static Identity identity(Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "unix:dev,ino");
        if (attributes.get("dev") instanceof Long device && attributes.get("ino") instanceof Long inode) {
            return new Identity(device, inode);
        }
        throw new IOException("this system does not tell files apart");
    }

    /** Changes permissions of what is held, which must be no link. */
    void permit(int mode) throws IOException {
        Libc.permit(Libc.CURRENT_FOLDER, Libc.bytes(path().toString()), mode);
    }

    @Override
    public void close() throws IOException {
        Libc.close(number);
    }
}
