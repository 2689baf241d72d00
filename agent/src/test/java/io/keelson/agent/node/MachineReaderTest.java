package io.keelson.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine is, out of its files. */
class MachineReaderTest {
    @TempDir
    Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private MachineFacts read() throws IOException {
        return new MachineReader(root, root).read();
    }

    @Test
    void filesOfTheKernelSayWhatAMachineIs() throws IOException {
        file("proc/meminfo", "MemTotal:        1000 kB\nMemFree:  10 kB\nSwapTotal:  50 kB\nHugePages_Total:  3\n");
        file("proc/cpuinfo", "processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n");
        file("proc/sys/kernel/osrelease", "6.1.0-test\n");
        file("proc/sys/kernel/random/boot_id", "boot\n");
        file("etc/machine-id", "machine\n");
        file("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
        file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "3\n");
        MachineFacts facts = read();
        assertEquals(2, facts.cpus());
        assertEquals(1_024_000, facts.memoryBytes());
        assertEquals(51_200, facts.swapBytes());
        assertEquals(Map.of(2L << 20, 6L << 20), facts.hugepages());
        assertEquals("6.1.0-test", facts.kernelVersion());
        assertEquals("boot", facts.bootId());
        assertEquals("machine", facts.machineId());
        assertEquals("Debian GNU/Linux 12", facts.osImage());
        assertEquals("", facts.systemUuid());
        assertTrue(facts.diskBytes() > 0);
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        assertThrows(IOException.class, this::read);
        file("proc/meminfo", "nothing\n");
        assertTrue(String.valueOf(assertThrows(IOException.class, this::read).getMessage())
                .endsWith("proc/meminfo does not say how much memory there is"));
        file("proc/meminfo", "MemTotal:        1000 kB\n");
        file("proc/cpuinfo", "");
        file("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "many");
        assertThrows(IOException.class, this::read);
        file("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0");
        assertTrue(read().cpus() > 0);
        assertEquals("Linux", read().osImage());
    }

    @Test
    void thisMachineCanBeRead() throws IOException {
        MachineFacts facts = new MachineReader(Path.of("/"), root).read();
        assertTrue(facts.memoryBytes() > 1 << 20);
        assertEquals("arm64", MachineReader.architecture("aarch64"));
        assertEquals("amd64", MachineReader.architecture("amd64"));
    }
}
