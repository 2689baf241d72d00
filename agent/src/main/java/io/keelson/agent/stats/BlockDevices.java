package io.keelson.agent.stats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names of disks. */
final class BlockDevices {
    private static final Path NUMBERS = Path.of("/sys/dev/block");

    private BlockDevices() {}

    /** {@code /dev/vda} for {@code 8:0}; the numbers themselves if the kernel does not know them. */
    static String name(String numbers) {
        if (!numbers.matches("\\d{1,7}:\\d{1,7}")) {
            return numbers;
        }
        try {
            return "/dev/" + Files.readSymbolicLink(NUMBERS.resolve(numbers)).getFileName();
        } catch (IOException e) {
            return numbers;
        }
    }
}
