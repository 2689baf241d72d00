package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompProgramTest {
    private static final int EPERM = SeccompProfile.ERRNO | 1;
    private static final int ENOSYS = SeccompProfile.ERRNO | 38;

    /** What the kernel would do with such a program; only the instructions that are used here. */
    private static int run(byte[] program, int architecture, int number, long... arguments) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(number).putInt(architecture).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int word = 0;
        int at = -1;
        while (true) {
            at++;
            int operation = code.getShort(at * 8);
            int ifTrue = Byte.toUnsignedInt(code.get(at * 8 + 2));
            int ifFalse = Byte.toUnsignedInt(code.get(at * 8 + 3));
            int value = code.getInt(at * 8 + 4);
            switch (operation) {
                case 0x20 -> word = data.getInt(value);
                case 0x54 -> word &= value;
                case 0x15 -> at += word == value ? ifTrue : ifFalse;
                case 0x25 -> at += Integer.compareUnsigned(word, value) > 0 ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(word, value) >= 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return value;
                }
                default -> throw new AssertionError("instruction " + operation);
            }
        }
    }

    private static int number(SyscallTable table, String call) {
        return table.numbers().getOrDefault(call, -1);
    }

    private static boolean holds(SeccompProfile.Condition condition, long argument) {
        BigInteger is = new BigInteger(Long.toUnsignedString(argument));
        BigInteger value = new BigInteger(Long.toUnsignedString(condition.value()));
        int order = is.compareTo(value);
        return switch (condition.comparison()) {
            case SCMP_CMP_NE -> order != 0;
            case SCMP_CMP_LT -> order < 0;
            case SCMP_CMP_LE -> order <= 0;
            case SCMP_CMP_EQ -> order == 0;
            case SCMP_CMP_GE -> order >= 0;
            case SCMP_CMP_GT -> order > 0;
            case SCMP_CMP_MASKED_EQ -> is.and(value).equals(new BigInteger(Long.toUnsignedString(condition.second())));
        };
    }

    @Test
    void conditionsAreThoseOfTheArithmetic() throws Exception {
        SyscallTable table = SyscallTable.of(SyscallTable.X86_64);
        Random random = new Random(3);
        List<SeccompProfile.Comparison> comparisons = List.of(SeccompProfile.Comparison.values());
        long[] edges = {0, 1, 0x7FFFFFFFL, 0x80000000L, 0xFFFFFFFFL, 0x100000000L, Long.MAX_VALUE, Long.MIN_VALUE, -1};
        for (int i = 0; i < 2000; i++) {
            List<SeccompProfile.Condition> conditions = new ArrayList<>();
            for (int j = 0; j <= random.nextInt(3); j++) {
                conditions.add(new SeccompProfile.Condition(
                        j,
                        comparisons.get(random.nextInt(comparisons.size())),
                        edges[random.nextInt(edges.length)],
                        edges[random.nextInt(edges.length)]));
            }
            byte[] program = SeccompProgram.assemble(
                    new SeccompProfile(
                            EPERM,
                            List.of(
                                    new SeccompProfile.Rule(List.of("read"), SeccompProfile.ALLOW, conditions),
                                    new SeccompProfile.Rule(List.of("write"), SeccompProfile.ALLOW, List.of()))),
                    table);
            long[] arguments = new long[6];
            for (int j = 0; j < arguments.length; j++) {
                arguments[j] = edges[random.nextInt(edges.length)] + (random.nextInt(4) == 0 ? 1 : 0);
            }
            boolean all = conditions.stream().allMatch(one -> holds(one, arguments[one.argument()]));
            assertEquals(
                    all ? SeccompProfile.ALLOW : EPERM,
                    run(program, table.audit(), 0, arguments),
                    conditions.toString());
            assertEquals(SeccompProfile.ALLOW, run(program, table.audit(), 1, arguments));
            assertEquals(EPERM, run(program, table.audit(), 2, arguments));
        }
    }

    @Test
    void ownProfileAllowsWhatProgramsNeedAndNotWhatAdministratorsDo() throws Exception {
        for (String architecture : List.of(SyscallTable.X86_64, SyscallTable.AARCH64)) {
            SyscallTable table = SyscallTable.of(architecture);
            SeccompFilters filters = new SeccompFilters(table);
            byte[] plain = SeccompProgram.assemble(filters.ownProfile(Set.of()), table);
            byte[] administrator = SeccompProgram.assemble(filters.ownProfile(Set.of("SYS_ADMIN")), table);
            assertTrue(plain.length / 8 < 400);
            for (String call : List.of("read", "openat", "execve", "futex", "epoll_pwait", "setresuid", "capset")) {
                assertEquals(SeccompProfile.ALLOW, run(plain, table.audit(), number(table, call), new long[6]), call);
            }
            for (String call : List.of("mount", "unshare", "bpf", "setns", "keyctl", "io_uring_setup", "reboot")) {
                assertEquals(EPERM, run(plain, table.audit(), number(table, call), new long[6]), call);
            }
            for (String call : List.of("mount", "unshare", "setns", "clone3")) {
                assertEquals(
                        SeccompProfile.ALLOW,
                        run(administrator, table.audit(), number(table, call), new long[6]),
                        call);
            }
            int clone = number(table, "clone");
            assertEquals(SeccompProfile.ALLOW, run(plain, table.audit(), clone, 0x11, 0, 0, 0, 0, 0));
            assertEquals(EPERM, run(plain, table.audit(), clone, 0x10000011, 0, 0, 0, 0, 0));
            assertEquals(ENOSYS, run(plain, table.audit(), number(table, "clone3"), new long[6]));
            int socket = number(table, "socket");
            assertEquals(SeccompProfile.ALLOW, run(plain, table.audit(), socket, 2, 1, 0, 0, 0, 0));
            assertEquals(EPERM, run(plain, table.audit(), socket, 40, 1, 0, 0, 0, 0));
            assertEquals(ENOSYS, run(plain, table.audit(), 9999, new long[6]));
            assertEquals(ENOSYS, run(plain, 0x40000003, 3, new long[6]));
        }
    }

    @Test
    void profilesOfTheNodeAreReadAndDamagedOnesRefused() throws Exception {
        SyscallTable table = SyscallTable.of(SyscallTable.X86_64);
        SeccompProfile profile = SeccompProfile.parse("""
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
                  {"names": ["mkdir", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
                  {"names": ["kill"], "action": "SCMP_ACT_KILL_PROCESS",
                   "args": [{"index": 1, "op": "SCMP_CMP_EQ", "value": 9}]}]}
                """.getBytes(StandardCharsets.UTF_8), table);
        byte[] program = SeccompProgram.assemble(profile, table);
        assertEquals(SeccompProfile.ERRNO | 13, run(program, table.audit(), 83, new long[6]));
        assertEquals(0x80000000, run(program, table.audit(), 62, 0, 9, 0, 0, 0, 0));
        assertEquals(SeccompProfile.ALLOW, run(program, table.audit(), 62, 0, 15, 0, 0, 0, 0));
        for (String damaged : List.of(
                "",
                "{",
                "[]",
                "{}",
                "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_ARM\"]}",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_KILL\","
                        + " \"args\": [{\"index\": 7, \"op\": \"SCMP_CMP_EQ\", \"value\": 9}]}]}")) {
            assertThrows(
                    StatusRuntimeException.class,
                    () -> SeccompProfile.parse(damaged.getBytes(StandardCharsets.UTF_8), table),
                    damaged);
        }
    }
}
