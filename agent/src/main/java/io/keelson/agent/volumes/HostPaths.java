package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What is at a path of the node, checked to be what a pod expects there. */
final class HostPaths {
    private HostPaths() {}

    /**
     * The path, if what is there is of a type; made if the type says so.
     *
     * @param type empty if it may be anything, and nothing
     */
    static Path checked(String path, String type) throws VolumeException, IOException {
        if (!path.startsWith("/")) {
            throw new VolumeException("hostPath \"" + path + "\" must be an absolute path");
        }
        Path place;
        try {
            place = Path.of(path);
        } catch (InvalidPathException e) {
            throw new VolumeException("hostPath \"" + path + "\" is no path: " + e.getReason(), e);
        }
        switch (type) {
            case "" -> {
                // Nothing is expected.
            }
            case "DirectoryOrCreate" -> {
                if (!exists(path)) {
                    Files.createDirectories(
                            place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
                }
                expect(path, "Directory", "directory");
            }
            case "Directory" -> expect(path, "Directory", "directory");
            case "FileOrCreate" -> {
                if (!exists(path)) {
                    create(place);
                }
                expect(path, "File", "file");
            }
            case "File" -> expect(path, "File", "file");
            case "Socket" -> expect(path, "Socket", "socket file");
            case "CharDevice" -> expect(path, "CharDevice", "character device");
            case "BlockDevice" -> expect(path, "BlockDevice", "block device");
            default -> throw new VolumeException(type + " is an invalid volume type");
        }
        return place;
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        } catch (FileAlreadyExistsException e) {
            // Somebody else has made it; what it is, is looked at next.
        }
    }

    private static boolean exists(String path) {
        try (Descriptor place = Descriptor.place(path)) {
            return place.number() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void expect(String path, String type, String description) throws VolumeException {
        Libc.Status status;
        try (Descriptor place = Descriptor.place(path)) {
            status = place.status();
        } catch (IOException e) {
            throw new VolumeException("hostPath " + path + " doesn't exist", e);
        }
        String found = type(status);
        if (found.isEmpty()) {
            throw new VolumeException(("hostPath type check failed, %s is not a %s, unable to determine its type: only"
                            + " recognise file, directory, socket, block device and character device")
                    .formatted(path, description));
        }
        if (!found.equals(type)) {
            throw new VolumeException(
                    "hostPath type check failed: %s is not a %s, it's a %s".formatted(path, description, found));
        }
    }

    private static String type(Libc.Status status) {
        return switch (status.mode() & Libc.S_IFMT) {
            case Libc.S_IFDIR -> "Directory";
            case Libc.S_IFREG -> "File";
            case 0xC000 -> "Socket";
            case Libc.S_IFCHR -> "CharDevice";
            case Libc.S_IFBLK -> "BlockDevice";
            default -> "";
        };
    }
}
