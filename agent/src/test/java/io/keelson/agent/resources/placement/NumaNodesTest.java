package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.resources.topology.NodeSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumaNodesTest {
    @TempDir
    private Path folder;

    private void node(int number, String cpus, String meminfo, String distance) throws IOException {
        Path node = Files.createDirectories(folder.resolve("node" + number));
        Files.writeString(node.resolve("cpulist"), cpus + "\n");
        Files.writeString(node.resolve("meminfo"), meminfo);
        Files.writeString(node.resolve("distance"), distance + "\n");
    }

    private NumaNodes read() throws IOException {
        return NumaNodes.read(folder, CpuSet.parse("0-7"), 1000);
    }

    @Test
    void readsWhatTheKernelTells() throws IOException {
        Files.writeString(folder.resolve("online"), "0,2\n");
        String meminfo = "Node 0 MemTotal:        4096 kB\nNode 0 MemFree:  1 kB\n";
        node(0, "0-1,4-5", meminfo, "10 21");
        node(2, "2-3,6-7", meminfo.replace("Node 0", "Node 2"), "21 10");
        Path pages = Files.createDirectories(folder.resolve("node2/hugepages/hugepages-2048kB"));
        Files.writeString(pages.resolve("nr_hugepages"), "1\n");
        NumaNodes machine = read();
        assertEquals(NodeSet.of(List.of(0, 2)), machine.all());
        assertEquals("2-3,6-7", machine.cpus(NodeSet.of(List.of(2))).toString());
        assertEquals(NodeSet.of(List.of(0)), machine.of(CpuSet.parse("5")));
        assertEquals(4L << 20, machine.nodes().getFirst().memoryBytes());
        assertEquals(
                Map.of("hugepages-2Mi", 2L << 20), machine.nodes().getLast().hugepageBytes());
    }

    @Test
    void nodesThatAreCloserComeFirstOnlyIfThatIsWanted() {
        NumaNodes machine = new NumaNodes(List.of(
                new NumaNodes.Node(0, CpuSet.NONE, 1, Map.of(), List.of(10, 30, 20)),
                new NumaNodes.Node(1, CpuSet.NONE, 1, Map.of(), List.of(30, 10, 20)),
                new NumaNodes.Node(2, CpuSet.NONE, 1, Map.of(), List.of(20, 20, 10))));
        NodeSet far = NodeSet.of(List.of(0, 1));
        NodeSet near = NodeSet.of(List.of(1, 2));
        assertTrue(machine.nearestFirst().compare(near, far) < 0);
        assertTrue(NumaNodes.lowestFirst().compare(near, far) > 0);
        assertTrue(machine.nearestFirst().compare(NodeSet.of(List.of(0, 2)), near) < 0);
    }

    @Test
    void aKernelThatKnowsOfNoneHasOne() throws IOException {
        NumaNodes machine = read();
        assertEquals(NumaNodes.one(CpuSet.parse("0-7"), 1000), machine);
        assertEquals(CpuSet.parse("0-7"), machine.cpus(machine.all()));
    }

    @Test
    void whatCannotBeUnderstoodIsSaid() throws IOException {
        String meminfo = "Node 0 MemTotal: 4096 kB\n";
        Files.writeString(folder.resolve("online"), "0\n");
        node(0, "zero", meminfo, "10");
        assertThrows(IOException.class, this::read);
        node(0, "0", "MemTotal: much\n", "10");
        assertThrows(IOException.class, this::read);
        node(0, "0", meminfo, "ten");
        assertThrows(IOException.class, this::read);
        node(0, "0", meminfo, "10");
        assertEquals(1, read().nodes().size());
        Path pages = Files.createDirectories(folder.resolve("node0/hugepages/hugepages-999999999999999kB"));
        Files.writeString(pages.resolve("nr_hugepages"), "9999999999\n");
        assertThrows(IOException.class, this::read);
        Files.writeString(folder.resolve("online"), "0-70\n");
        assertThrows(IOException.class, this::read);
    }

    @Test
    void readsThisMachine() throws IOException {
        NumaNodes machine = NumaNodes.read(Path.of("/sys/devices/system/node"), CpuSet.parse("0"), 1);
        assertTrue(machine.nodes().getFirst().memoryBytes() > 0);
        assertTrue(machine.cpus(machine.all()).size() > 0);
    }
}
