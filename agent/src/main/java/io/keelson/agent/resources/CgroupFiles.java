package io.keelson.agent.resources;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of cgroups. */
interface CgroupFiles {
    boolean isFolder(Path folder);

    /** Makes a folder, whose parent is there; right if it is there already. */
    void makeFolder(Path folder) throws IOException;

    /**
     * Removes a folder without folders in it.
     *
     * @return whether it is gone; not if processes are in it
     */
    boolean removeFolder(Path folder) throws IOException;

    /** The folders in a folder; none if it is not there. */
    List<Path> folders(Path folder) throws IOException;

    /** What a file says; empty if it is not there. */
    Optional<String> read(Path file) throws IOException;

    /** Writes to a file, which has to be there. */
    void write(Path file, String text) throws IOException;

    /** Those of the kernel. */
    CgroupFiles KERNEL = new CgroupFiles() {
        @Override
        public boolean isFolder(Path folder) {
            return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
        }

        @Override
        public void makeFolder(Path folder) throws IOException {
            try {
                Files.createDirectory(folder);
            } catch (FileAlreadyExistsException e) {
                if (!isFolder(folder)) {
                    throw e;
                }
            }
        }

        @Override
        public boolean removeFolder(Path folder) throws IOException {
            try {
                Files.delete(folder);
                return true;
            } catch (NoSuchFileException e) {
                return true;
            } catch (DirectoryNotEmptyException e) {
                return false;
            } catch (IOException e) {
                if (isFolder(folder)) {
                    // Busy: the kernel's word for that there are processes in it.
                    return false;
                }
                throw e;
            }
        }

        @Override
        public List<Path> folders(Path folder) throws IOException {
            List<Path> folders = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, this::isFolder)) {
                entries.forEach(folders::add);
            } catch (NoSuchFileException e) {
                return List.of();
            }
            return folders;
        }

        @Override
        public Optional<String> read(Path file) throws IOException {
            try {
                return Optional.of(Files.readString(file).strip());
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        @Override
        public void write(Path file, String text) throws IOException {
            try {
                // In one piece, and without making what is not there.
                Files.write(file, text.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new IOException("failed to write \"" + text + "\" to \"" + file + "\": " + reason(file, e), e);
            }
        }

        private String reason(Path file, IOException e) {
            String message = String.valueOf(e.getMessage());
            return e instanceof NoSuchFileException ? "no such file" : message.replace(file + ": ", "");
        }
    };
}
