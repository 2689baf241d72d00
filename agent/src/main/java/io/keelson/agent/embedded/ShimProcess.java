package io.keelson.agent.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A shim as a process. */
final class ShimProcess {
    private static final Duration KILL_TAKES = Duration.ofSeconds(10);

    private ShimProcess() {}

    /** Kills a shim that does not answer, and with it all that runs in it; waits until it is gone. */
    static void kill(Sandbox sandbox) throws InterruptedException {
        ProcessHandle process = find(sandbox);
        if (process != null) {
            kill(process);
        }
    }

    private static void kill(ProcessHandle process) throws InterruptedException {
        process.destroyForcibly();
        try {
            var _ = process.onExit().get(KILL_TAKES.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException unkillable) {
            // It is in the kernel's hands; what it holds is given back anyway.
        }
    }

    /**
     * The sandbox's shim, known by its command line, for its number may be another's by now; null if it does not run.
     */
    private static @Nullable ProcessHandle find(Sandbox sandbox) {
        String folder = sandbox.folder().toString();
        if (sandbox.shimPid() > 0) {
            return isShimOf(sandbox.shimPid(), folder)
                    ? ProcessHandle.of(sandbox.shimPid()).orElse(null)
                    : null;
        }
        // It was started, and the agent ended before it could write down its number.
        return ProcessHandle.allProcesses()
                .filter(process -> isShimOf(process.pid(), folder))
                .findFirst()
                .orElse(null);
    }

    /** Kills the shims of a sandbox's folder, whatever is in it, and all that runs in them. */
    static void killAll(Path folder) throws InterruptedException {
        List<ProcessHandle> shims = ProcessHandle.allProcesses()
                .filter(process -> isShimOf(process.pid(), folder.toString()))
                .toList();
        for (ProcessHandle shim : shims) {
            kill(shim);
        }
    }

    /** The folders of sandboxes below a folder whose shims run. */
    static Set<Path> folders(Path below) {
        String beginning = "\0pod\0" + below + "/";
        Set<Path> folders = new TreeSet<>();
        ProcessHandle.allProcesses().forEach(process -> {
            String line = commandLine(process.pid());
            int at = line.indexOf(beginning);
            if (at >= 0 && line.endsWith("\0")) {
                folders.add(Path.of(line.substring(at + "\0pod\0".length(), line.length() - 1)));
            }
        });
        return folders;
    }

    private static boolean isShimOf(long pid, String folder) {
        return commandLine(pid).endsWith("\0pod\0" + folder + "\0");
    }

    /** Words that each end with a zero; empty if the process is gone. */
    private static String commandLine(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")), StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }
}
