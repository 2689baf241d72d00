package io.keelson.dist.up;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who else uses of this machine what nodes of one machine share: their network, and folders with a name. */
final class OtherNodes {
    private static final String MAIN = "\0io.keelson.dist.Keelson\0";
    private static final Set<String> COMMANDS = Set.of("up", "agent", "proxy", "dns", "cri");
    private static final Pattern SHIM =
            Pattern.compile("[^\0]*/keelson-shim-[0-9a-f]{16}\0pod\0([^\0]*)/sandboxes/[^\0/]*\0", Pattern.DOTALL);

    private OtherNodes() {}

    /**
     * Those besides the cluster of a folder, in words; none if there is none.
     *
     * @param folder without links, as it was given
     * @throws IOException if it cannot be read whose the folder is
     */
    static List<String> besides(Path folder) throws IOException {
        long owner =
                ProcessFile.read(folder).map(running -> running.handle().pid()).orElse(0L);
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> process.pid() != owner)
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
        List<String> words = List.of(commandLine.substring(main + MAIN.length()).split("\0", -1));
        String command =
                words.stream().filter(word -> !word.startsWith("-")).findFirst().orElse("");
        String data = command.equals("up") ? data(words) : "";
        if (data.startsWith("/")) {
            return data.equals(folder.toString()) ? Optional.empty() : Optional.of("the cluster in " + data);
        }
        return COMMANDS.contains(command)
                ? Optional.of("keelson " + command + " (process " + pid + ")")
                : Optional.empty();
    }

    /** The folder that a command line names, which may be given in one word or two; empty if it names none. */
    private static String data(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).startsWith("--data=")) {
                return words.get(i).substring("--data=".length());
            }
            if (words.get(i).equals("--data") && i + 1 < words.size()) {
                return words.get(i + 1);
            }
        }
        return "";
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
