package io.keelson.agent.embedded;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules of a container's devices as a program of eBPF, which the kernel runs when a device is opened or made, where
 * cgroups are of version 2. It gets type and access in one word, the device's two numbers in the next ones, and says 1
 * or 0.
 */
final class DeviceProgram {
    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;
    private static final int MAKE = 1;
    private static final int READ = 2;
    private static final int WRITE = 4;
    private static final int ALL = 7;

    private static final int LOAD = 0x61;
    private static final int AND = 0x54;
    private static final int SHIFT_RIGHT = 0x74;
    private static final int MOVE = 0xBC;
    private static final int SET = 0xB7;
    private static final int JUMP_UNLESS_EQUAL = 0x55;
    private static final int EXIT = 0x95;

    /** Registers: the answer, what is given and later a scratch, and what was taken of it. */
    private static final int ANSWER = 0;

    private static final int GIVEN = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    private final List<int[]> program = new ArrayList<>();

    private DeviceProgram() {}

    /** @param rules as the device cgroups of version 1 have them: {@code c 1:3 rwm}, {@code b *:* m} */
    static byte[] assemble(List<String> rules) {
        DeviceProgram assembler = new DeviceProgram();
        assembler.add(LOAD, TYPE, GIVEN, 0, 0);
        assembler.add(AND, TYPE, 0, 0, 0xFFFF);
        assembler.add(LOAD, ACCESS, GIVEN, 0, 0);
        assembler.add(SHIFT_RIGHT, ACCESS, 0, 0, 16);
        assembler.add(LOAD, MAJOR, GIVEN, 4, 0);
        assembler.add(LOAD, MINOR, GIVEN, 8, 0);
        rules.forEach(assembler::rule);
        assembler.add(SET, ANSWER, 0, 0, 0);
        assembler.add(EXIT, 0, 0, 0, 0);
        return assembler.toBytes();
    }

    private void rule(String rule) {
        String[] parts = rule.split("[ :]", -1);
        int begin = program.size();
        add(JUMP_UNLESS_EQUAL, TYPE, 0, 0, parts[0].equals("b") ? BLOCK : CHARACTER);
        int access = access(parts[3]);
        if (access != ALL) {
            add(MOVE, GIVEN, ACCESS, 0, 0);
            add(AND, GIVEN, 0, 0, ALL & ~access);
            add(JUMP_UNLESS_EQUAL, GIVEN, 0, 0, 0);
        }
        if (!parts[1].equals("*")) {
            add(JUMP_UNLESS_EQUAL, MAJOR, 0, 0, Integer.parseInt(parts[1]));
        }
        if (!parts[2].equals("*")) {
            add(JUMP_UNLESS_EQUAL, MINOR, 0, 0, Integer.parseInt(parts[2]));
        }
        add(SET, ANSWER, 0, 0, 1);
        add(EXIT, 0, 0, 0, 0);
        for (int i = begin; i < program.size(); i++) {
            if (program.get(i)[0] == JUMP_UNLESS_EQUAL) {
                program.get(i)[3] = program.size() - i - 1;
            }
        }
    }

    private static int access(String letters) {
        return (letters.contains("r") ? READ : 0)
                | (letters.contains("w") ? WRITE : 0)
                | (letters.contains("m") ? MAKE : 0);
    }

    private void add(int code, int to, int from, int offset, int value) {
        program.add(new int[] {code, to, from, offset, value});
    }

    private byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int[] instruction : program) {
            bytes.put((byte) instruction[0])
                    .put((byte) (instruction[1] | (instruction[2] << 4)))
                    .putShort((short) instruction[3])
                    .putInt(instruction[4]);
        }
        return bytes.array();
    }
}
