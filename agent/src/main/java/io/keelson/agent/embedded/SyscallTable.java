package io.keelson.agent.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The numbers of the kernel's system calls on one kind of processor.
 *
 * @param audit what the kernel calls the processor, {@code AUDIT_ARCH_…}
 * @param seccompName what profiles call it
 * @param numbers by name
 */
record SyscallTable(int audit, String seccompName, Map<String, Integer> numbers) {
    static final String X86_64 = "x86_64";
    static final String AARCH64 = "aarch64";

    private static final String RESOURCE = "syscalls";

    /** The machine's. */
    static SyscallTable ofMachine() throws IOException {
        return of(System.getProperty("os.arch", "").equals(AARCH64) ? AARCH64 : X86_64);
    }

    static SyscallTable of(String architecture) throws IOException {
        boolean arm = architecture.equals(AARCH64);
        Map<String, Integer> numbers = new TreeMap<>();
        try (InputStream in = SyscallTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("the table of system calls is missing in this build");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ", -1);
                if (parts.length == 3 && !parts[arm ? 2 : 1].equals("-")) {
                    numbers.put(parts[0], Integer.valueOf(parts[arm ? 2 : 1]));
                }
            }
        }
        return arm
                ? new SyscallTable(0xC00000B7, "SCMP_ARCH_AARCH64", numbers)
                : new SyscallTable(0xC000003E, "SCMP_ARCH_X86_64", numbers);
    }
}
