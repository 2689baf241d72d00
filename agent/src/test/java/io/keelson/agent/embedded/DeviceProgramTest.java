package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceProgramTest {
    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;
    private static final int MAKE = 1;
    private static final int READ = 2;
    private static final int WRITE = 4;

    /** What the kernel would do with such a program; only the instructions that are used here. */
    private static boolean run(byte[] program, int type, int access, int major, int minor) {
        int[] given = {(access << 16) | type, major, minor};
        int[] registers = new int[6];
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (true) {
            int to = code.get(at * 8 + 1) & 0xF;
            int from = (code.get(at * 8 + 1) >> 4) & 0xF;
            int offset = code.getShort(at * 8 + 2);
            int value = code.getInt(at * 8 + 4);
            switch (Byte.toUnsignedInt(code.get(at * 8))) {
                case 0x61 -> registers[to] = given[offset / 4];
                case 0x54 -> registers[to] &= value;
                case 0x74 -> registers[to] >>>= value;
                case 0xBC -> registers[to] = registers[from];
                case 0xB7 -> registers[to] = value;
                case 0x55 -> at += registers[to] != value ? offset : 0;
                case 0x95 -> {
                    return registers[0] != 0;
                }
                default -> throw new AssertionError("instruction " + code.get(at * 8));
            }
            at++;
        }
    }

    @Test
    void onlyWhatARuleAllowsIsAllowed() {
        byte[] program = DeviceProgram.assemble(List.of("c *:* m", "c 1:3 rwm", "c 136:* rw", "b 8:0 r"));
        assertTrue(run(program, CHARACTER, MAKE, 77, 5));
        assertFalse(run(program, BLOCK, MAKE, 8, 0));
        assertTrue(run(program, CHARACTER, READ | WRITE | MAKE, 1, 3));
        assertFalse(run(program, CHARACTER, READ, 1, 4));
        assertFalse(run(program, BLOCK, READ, 1, 3));
        assertTrue(run(program, CHARACTER, READ | WRITE, 136, 99));
        assertFalse(run(program, CHARACTER, READ | MAKE, 136, 99));
        assertTrue(run(program, BLOCK, READ, 8, 0));
        assertFalse(run(program, BLOCK, READ | WRITE, 8, 0));
        assertFalse(run(program, BLOCK, READ, 8, 1));
    }
}
