package io.keelson.agent.embedded;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A profile as a program of classic BPF, which the kernel runs for each system call: first the rules with conditions,
 * in their order; then the others, as ranges of numbers with the same action.
 */
final class SeccompProgram {
    private static final int LOAD = 0x20;
    private static final int AND = 0x54;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER = 0x25;
    private static final int JUMP_GREATER_OR_EQUAL = 0x35;
    private static final int RETURN = 0x06;
    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;
    private static final int ENOSYS = 38;
    /** On x86-64, calls with this bit are of another table. */
    private static final int OTHER_TABLE = 0x40000000;

    private static final int LENGTH_MAX = 4096;
    /** Where a jump leads that is not known yet; the far end of a rule is at most 255 instructions away. */
    private static final int FAIL = -1;

    private final List<Instruction> program = new ArrayList<>();

    private record Instruction(int code, int ifTrue, int ifFalse, int value) {}

    private SeccompProgram() {}

    /** @throws io.grpc.StatusRuntimeException if the profile is too long for the kernel */
    static byte[] assemble(SeccompProfile profile, SyscallTable table) {
        SeccompProgram assembler = new SeccompProgram();
        assembler.begin(table);
        Map<Integer, Integer> actions = new TreeMap<>();
        for (SeccompProfile.Rule rule : profile.rules()) {
            for (String call : rule.calls()) {
                Integer number = table.numbers().get(call);
                if (number == null || actions.containsKey(number)) {
                    continue;
                }
                if (rule.conditions().isEmpty()) {
                    actions.put(number, rule.action());
                } else {
                    assembler.rule(number, rule);
                }
            }
        }
        assembler.ranges(actions);
        assembler.add(RETURN, 0, 0, profile.otherwise());
        if (assembler.program.size() > LENGTH_MAX) {
            throw RuntimeProblem.invalid("the seccomp profile is too long: it makes " + assembler.program.size()
                    + " instructions, and the kernel takes " + LENGTH_MAX);
        }
        return assembler.toBytes();
    }

    private void begin(SyscallTable table) {
        add(LOAD, 0, 0, ARCHITECTURE);
        add(JUMP_EQUAL, 1, 0, table.audit());
        add(RETURN, 0, 0, SeccompProfile.ERRNO | ENOSYS);
        add(LOAD, 0, 0, NUMBER);
        add(JUMP_GREATER_OR_EQUAL, 0, 1, OTHER_TABLE);
        add(RETURN, 0, 0, SeccompProfile.ERRNO | ENOSYS);
    }

    private void rule(int number, SeccompProfile.Rule rule) {
        int begin = program.size();
        add(JUMP_EQUAL, 0, FAIL, number);
        rule.conditions().forEach(this::condition);
        add(RETURN, 0, 0, rule.action());
        // Whoever failed within has another word than the number at hand.
        add(LOAD, 0, 0, NUMBER);
        int end = program.size() - 1;
        for (int i = begin; i < end; i++) {
            Instruction instruction = program.get(i);
            program.set(
                    i,
                    new Instruction(
                            instruction.code(),
                            instruction.ifTrue() == FAIL ? end - i - 1 : instruction.ifTrue(),
                            instruction.ifFalse() == FAIL ? end - i - 1 : instruction.ifFalse(),
                            instruction.value()));
        }
    }

    /**
     * Goes on behind itself if the condition holds. Arguments have two words, the low one first; words are unsigned.
     */
    private void condition(SeccompProfile.Condition condition) {
        int at = ARGUMENTS + 8 * condition.argument();
        int high = (int) (condition.value() >>> 32);
        int low = (int) condition.value();
        switch (condition.comparison()) {
            case SCMP_CMP_EQ -> {
                add(LOAD, 0, 0, at + 4);
                add(JUMP_EQUAL, 0, FAIL, high);
                add(LOAD, 0, 0, at);
                add(JUMP_EQUAL, 0, FAIL, low);
            }
            case SCMP_CMP_NE -> {
                add(LOAD, 0, 0, at + 4);
                add(JUMP_EQUAL, 0, 2, high);
                add(LOAD, 0, 0, at);
                add(JUMP_EQUAL, FAIL, 0, low);
            }
            case SCMP_CMP_MASKED_EQ -> {
                add(LOAD, 0, 0, at + 4);
                add(AND, 0, 0, high);
                add(JUMP_EQUAL, 0, FAIL, (int) (condition.second() >>> 32));
                add(LOAD, 0, 0, at);
                add(AND, 0, 0, low);
                add(JUMP_EQUAL, 0, FAIL, (int) condition.second());
            }
            case SCMP_CMP_GT -> greater(at, high, low, JUMP_GREATER);
            case SCMP_CMP_GE -> greater(at, high, low, JUMP_GREATER_OR_EQUAL);
            case SCMP_CMP_LE -> less(at, high, low, JUMP_GREATER);
            case SCMP_CMP_LT -> less(at, high, low, JUMP_GREATER_OR_EQUAL);
        }
    }

    private void greater(int at, int high, int low, int comparison) {
        add(LOAD, 0, 0, at + 4);
        add(JUMP_GREATER, 3, 0, high);
        add(JUMP_EQUAL, 0, FAIL, high);
        add(LOAD, 0, 0, at);
        add(comparison, 0, FAIL, low);
    }

    private void less(int at, int high, int low, int comparison) {
        add(LOAD, 0, 0, at + 4);
        add(JUMP_GREATER, FAIL, 0, high);
        add(JUMP_EQUAL, 0, 2, high);
        add(LOAD, 0, 0, at);
        add(comparison, FAIL, 0, low);
    }

    private void ranges(Map<Integer, Integer> actions) {
        int first = -1;
        int last = -1;
        int action = 0;
        for (var entry : actions.entrySet()) {
            if (first >= 0 && entry.getKey() == last + 1 && entry.getValue() == action) {
                last = entry.getKey();
                continue;
            }
            range(first, last, action);
            first = entry.getKey();
            last = first;
            action = entry.getValue();
        }
        range(first, last, action);
    }

    private void range(int first, int last, int action) {
        if (first >= 0) {
            add(JUMP_GREATER_OR_EQUAL, 0, 2, first);
            add(JUMP_GREATER, 1, 0, last);
            add(RETURN, 0, 0, action);
        }
    }

    private void add(int code, int ifTrue, int ifFalse, int value) {
        program.add(new Instruction(code, ifTrue, ifFalse, value));
    }

    private byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (Instruction instruction : program) {
            bytes.putShort((short) instruction.code())
                    .put((byte) instruction.ifTrue())
                    .put((byte) instruction.ifFalse())
                    .putInt(instruction.value());
        }
        return bytes.array();
    }
}
