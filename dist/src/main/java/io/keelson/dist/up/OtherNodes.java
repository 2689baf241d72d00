package io.keelson.dist.up;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who else uses of this machine what nodes of one machine share: their network, and folders with a name. */
final class OtherNodes {
    private static final String MAIN = "\0io.keelson.dist.Keelson\0";
    private static final Set<String> COMMANDS = Set.of("agent", "proxy", "dns", "cri");
    private static final Pattern UP = Pattern.compile("up\0--foreground\0--data=([^\0]*)\0.*", Pattern.DOTALL);
    private static final Pattern SHIM =
            Pattern.compile("[^\0]*/keelson-shim-[0-9a-f]{16}\0pod\0([^\0]*)/sandboxes/[^\0/]*\0", Pattern.DOTALL);

    private OtherNodes() {}

    /**
     * Those besides the cluster of a folder, in words; none if there is none.
     *
     * @param folder without links, as it was given
     */
    static List<String> besides(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .map(process -> other(folder, process.pid(), commandLine(process.pid())))
                .flatMap(Optional::stream)
                .distinct()
                .sorted()
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")), StandardCharsets.UTF_8);
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    /** What a process is by its command line, whose words end with zeros; empty if it is nothing to a node, or this one's. */
    static Optional<String> other(Path folder, long pid, String commandLine) {
        Matcher shim = SHIM.matcher(commandLine);
        if (shim.matches()) {
            return isIn(folder, shim.group(1)) ? Optional.empty() : Optional.of("pods in " + shim.group(1));
        }
        int main = commandLine.indexOf(MAIN);
        if (main < 0) {
            return Optional.empty();
        }
        String words = commandLine.substring(main + MAIN.length());
        Matcher up = UP.matcher(words);
        if (up.matches()) {
            return up.group(1).equals(folder.toString())
                    ? Optional.empty()
                    : Optional.of("the cluster in " + up.group(1));
        }
        String command = new ArrayList<>(List.of(words.split("\0", -1))).getFirst();
        return COMMANDS.contains(command)
                ? Optional.of("keelson " + command + " (process " + pid + ")")
                : Optional.empty();
    }

    private static boolean isIn(Path folder, String runtime) {
        try {
            // Shims have their folders without links.
            return Path.of(runtime).startsWith(Files.exists(folder) ? folder.toRealPath() : folder);
        } catch (IOException e) {
            return Path.of(runtime).startsWith(folder);
        }
    }
}
