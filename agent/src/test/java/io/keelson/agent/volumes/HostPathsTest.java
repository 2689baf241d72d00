package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostPathsTest {
    @TempDir
    private Path folder;

    private String refused(String path, String type) {
        return assertThrows(VolumeException.class, () -> HostPaths.checked(path, type))
                .message();
    }

    @Test
    void whatIsThereMustBeWhatIsExpected() throws IOException, VolumeException {
        Path file = Files.createFile(folder.resolve("file"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertEquals(file, HostPaths.checked(file.toString(), "File"));
        assertEquals(link, HostPaths.checked(link.toString(), "File"));
        HostPaths.checked(folder.toString(), "Directory");
        HostPaths.checked("/dev/null", "CharDevice");
        HostPaths.checked("/not/there", "");
        assertEquals(
                "hostPath type check failed: " + file + " is not a directory, it's a File",
                refused(file.toString(), "Directory"));
        assertEquals(
                "hostPath type check failed: /dev/null is not a block device, it's a CharDevice",
                refused("/dev/null", "BlockDevice"));
        assertEquals("hostPath /not/there doesn't exist", refused("/not/there", "Socket"));
        assertEquals("Pipe is an invalid volume type", refused("/", "Pipe"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path place = folder.resolve("socket");
            socket.bind(UnixDomainSocketAddress.of(place));
            HostPaths.checked(place.toString(), "Socket");
            assertEquals(
                    "hostPath type check failed: " + place + " is not a file, it's a Socket",
                    refused(place.toString(), "FileOrCreate"));
        }
    }

    @Test
    void aPipeDoesNotMakeAnybodyWait() throws IOException {
        String pipe = folder.resolve("pipe").toString();
        Libc.makeNode(Libc.CURRENT_FOLDER, Libc.bytes(pipe), Libc.S_IFIFO | 0600, 0);
        assertTrue(refused(pipe, "File").contains("unable to determine its type"));
    }

    @Test
    void foldersAndFilesAreMadeIfThatIsWanted() throws IOException, VolumeException {
        Path deep = folder.resolve("a/b/c");
        HostPaths.checked(deep.toString(), "DirectoryOrCreate");
        HostPaths.checked(deep.toString(), "DirectoryOrCreate");
        assertTrue(Files.isDirectory(deep));
        Path file = deep.resolve("file");
        HostPaths.checked(file.toString(), "FileOrCreate");
        assertTrue(Files.isRegularFile(file));
        assertThrows(IOException.class, () -> HostPaths.checked(folder + "/no/such/file", "FileOrCreate"));
        assertEquals("hostPath \"etc\" must be an absolute path", refused("etc", ""));
    }
}
