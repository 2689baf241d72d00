package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real etcdctl and our command line, each with a real etcd.
 *
 * <p>Needs {@code KEELSON_ETCD} and {@code KEELSON_ETCDCTL}, or both on the path; skipped without.
 */
final class EtcdctlComparisonTest extends CommandScripts {
    @TempDir
    static Path folder = Path.of("");

    private static Optional<EtcdServer> server = Optional.empty();
    private static Optional<File> etcdctl = Optional.empty();

    @BeforeAll
    static void startEtcd() throws Exception {
        Optional<File> etcd = EtcdServer.find("KEELSON_ETCD", "etcd");
        etcdctl = EtcdServer.find("KEELSON_ETCDCTL", "etcdctl");
        if (etcd.isPresent()) {
            server = Optional.of(new EtcdServer(etcd.get(), folder, Place.ofOne()));
        }
    }

    @AfterAll
    static void stopEtcd() throws Exception {
        if (server.isPresent()) {
            server.get().close();
        }
    }

    @Test
    void aSavedSnapshotIsTheServersFileWithItsSum() throws Exception {
        Programs programs = programs();
        freshServer();
        run(programs.ours(), "put", "a", "1");
        Path theirs = folder.resolve("theirs.db");
        Path ours = folder.resolve("ours.db");
        CommandRun etcdctlRun = run(programs.etcdctl(), "snapshot", "save", theirs.toString());
        CommandRun run = run(programs.ours(), "snapshot", "save", ours.toString());
        assertEquals(0, run.exitCode(), run.err());
        assertEquals("Snapshot saved at " + ours + "\n", run.out());
        assertEquals("Snapshot saved at " + theirs + "\n", etcdctlRun.out());
        assertEquals(Files.size(theirs), Files.size(ours));
        assertTrue(Files.notExists(folder.resolve("ours.db.part")));
        CommandRun theirStatus = run(programs.etcdctl(), "snapshot", "status", ours.toString());
        CommandRun ourStatus = run(programs.ours(), "snapshot", "status", ours.toString());
        assertEquals(0, theirStatus.exitCode(), theirStatus.err());
        // etcd 3.6 adds the version of the format, which a file of 3.5 does not have.
        assertEquals(theirStatus.out().stripTrailing() + ", \n", ourStatus.out());
        Files.write(ours, new byte[100]);
        assertEquals(
                ExitCode.ERROR,
                run(programs.ours(), "snapshot", "status", ours.toString()).exitCode());
    }

    @Test
    void aMirrorHoldsWhatTheSourceHoldsUnderAnotherPrefix() throws Exception {
        Programs programs = programs();
        freshServer();
        CommandProgram ours = programs.ours();
        run(ours, "put", "from/a", "1");
        run(ours, "put", "from/b", "2");
        run(ours, "put", "other", "3");
        Thread mirror = Thread.ofPlatform().start(() -> {
            try {
                run(ours, "make-mirror", "--prefix=from/", "--dest-prefix=to/", endpoint());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        awaitKeys(ours, "to/a\n1\nto/b\n2\n");
        run(ours, "put", "from/c", "4");
        run(ours, "del", "from/a");
        awaitKeys(ours, "to/b\n2\nto/c\n4\n");
        mirror.interrupt();
        mirror.join();
    }

    /** What 3.6 has no more: it defragments and looks into files of servers that do not run by another program. */
    private static final Set<String> GONE_SINCE = Set.of("defrag --data-dir=\"\"");

    @Test
    void everyCommandOfEtcdctlIsThereWithItsFlagsAndTheirDefaults() throws Exception {
        Programs programs = programs();
        List<String> commands = commandsOf(help(programs.etcdctl()));
        assertTrue(commands.contains("member add") && commands.contains("watch"), commands::toString);
        List<String> missing = new ArrayList<>();
        for (String command : commands) {
            String[] words = command.split(" ", -1);
            List<String> ours = flagsOf(command, help(programs.ours(), words));
            for (String flag : flagsOf(command, help(programs.etcdctl(), words))) {
                if (!ours.contains(flag) && !GONE_SINCE.contains(flag)) {
                    missing.add(flag);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    private static String help(CommandProgram program, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(command));
        words.add("--help");
        CommandRun run = program.run(words, "", Map.of());
        assertEquals(0, run.exitCode(), run::toString);
        return run.out();
    }

    /** All that do something, by the list in etcdctl's help; its shells are words of one command here, as in 3.6. */
    private static List<String> commandsOf(String help) {
        String list = help.substring(help.indexOf("COMMANDS:"), help.indexOf("OPTIONS:"));
        return Pattern.compile("(?m)^\t([a-z][a-z -]*[a-z])\t")
                .matcher(list)
                .results()
                .map(command -> command.group(1))
                .filter(command -> !command.equals("help") && !command.startsWith("completion"))
                .toList();
    }

    /** Behind the name of the command: letter, name and default of each. */
    private static List<String> flagsOf(String command, String help) {
        return Pattern.compile("(?m)^ +(-[a-zA-Z], )?--([a-z-]+)(\\[?=\\S*)")
                .matcher(help)
                .results()
                .filter(flag -> !flag.group(2).equals("help"))
                .map(flag -> command + " " + (flag.group(1) == null ? "" : flag.group(1)) + "--" + flag.group(2)
                        + flag.group(3))
                .toList();
    }

    private static void awaitKeys(CommandProgram program, String expected) throws Exception {
        Waiting.until(expected, () -> {
            try {
                return run(program, "get", "to/", "--prefix").out().equals(expected);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private record Programs(CommandProgram etcdctl, CommandProgram ours) {}

    private static Programs programs() {
        assumeTrue(server.isPresent() && etcdctl.isPresent(), "no etcd to compare with");
        return new Programs(new CommandProgram.Etcdctl(etcdctl.orElseThrow()), new CommandProgram.Ours());
    }

    private static String endpoint() {
        return server.orElseThrow().endpoint();
    }

    private static void freshServer() throws Exception {
        server.orElseThrow().startAfresh();
    }

    private static CommandRun run(CommandProgram program, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("--endpoints=" + endpoint()));
        all.addAll(List.of(words));
        return program.run(all, "", Map.of());
    }

    @Override
    List<Side> sides() {
        Programs programs = programs();
        StoreServer store = server.orElseThrow();
        return List.of(new Side("etcdctl", programs.etcdctl(), store), new Side("ours", programs.ours(), store));
    }
}
