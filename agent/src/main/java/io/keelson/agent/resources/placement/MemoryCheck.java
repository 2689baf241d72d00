package io.keelson.agent.resources.placement;

import java.util.List;
import java.util.Map;

/** Whether an account of memory that was read from a file is one of this machine. */
final class MemoryCheck {
    private MemoryCheck() {}

    /**
     * Checks that an account is what becomes of a machine when its containers have what they have.
     *
     * @param empty the account of the machine where nobody has any
     * @throws IllegalArgumentException if it is not, in the kubelet's words
     */
    static void check(MemoryAccount found, MemoryAccount empty) {
        MemoryAccount expected = empty;
        for (Map.Entry<String, Map<String, List<MemoryBlock>>> pod :
                found.blocks().entrySet()) {
            for (Map.Entry<String, List<MemoryBlock>> container : pod.getValue().entrySet()) {
                for (MemoryBlock block : container.getValue()) {
                    String who = "[memorymanager] (pod: " + pod.getKey() + ", container: " + container.getKey() + ") ";
                    if (block.nodes().isEmpty() || !empty.all().hasAll(block.nodes())) {
                        throw new IllegalArgumentException(
                                who + "the memory assignment uses the NUMA that does not exist");
                    }
                    if (block.nodes().numbers().stream()
                            .noneMatch(node -> empty.node(node).tables().containsKey(block.sort()))) {
                        throw new IllegalArgumentException(
                                who + "the memory assignment uses memory resource that does not exist");
                    }
                    expected = expected.reserved(block, block.bytes());
                }
            }
        }
        if (!areAlike(found, expected)) {
            throw new IllegalArgumentException(
                    "[memorymanager] the expected machine state is different from the real one");
        }
    }

    /** Whether nodes are the same, and groups of them have the same; who has what within one does not matter. */
    private static boolean areAlike(MemoryAccount one, MemoryAccount other) {
        return one.nodes().keySet().equals(other.nodes().keySet())
                && one.nodes().keySet().stream().allMatch(number -> {
                    NodeMemory node = one.node(number);
                    NodeMemory same = other.node(number);
                    return node.assignments() == same.assignments()
                            && node.group().equals(same.group())
                            && one.all().hasAll(node.group())
                            && node.tables().keySet().equals(same.tables().keySet())
                            && node.tables().keySet().stream()
                                    .allMatch(sort -> areAlike(node.table(sort), same.table(sort))
                                            && one.free(node.group(), sort) == other.free(node.group(), sort));
                });
    }

    private static boolean areAlike(MemoryTable one, MemoryTable other) {
        return one.total() == other.total()
                && one.system() == other.system()
                && one.allocatable() == other.allocatable();
    }
}
