package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Scripts of commands, each given to two sides that are to behave alike: the same words in the same order, each side
 * beginning with an empty store under the same address. Exit codes and every byte of output are compared. What differs by
 * design is made equal first: the program's name, times, random lease ids, and what version 3.6 shows otherwise than 3.5.
 */
abstract class CommandScripts {
    private final List<Step> steps = new ArrayList<>();

    /** What is compared: a program that commands are given to, and the server that it talks to. */
    record Side(String name, CommandProgram program, StoreServer server) {}

    /** The two sides of this comparison; a server may be that of both. */
    abstract List<Side> sides() throws Exception;

    /** Takes out of a step's output what may differ between the sides of this comparison in particular. */
    String alike(String output) {
        return output;
    }

    @Test
    void keysAndValuesAreWrittenReadAndDeletedAlike() throws Exception {
        step("put", "a", "<1>&\u00e9");
        for (String format : List.of("simple", "json", "fields", "protobuf", "table")) {
            step("put", "a", "2", "--prev-kv", "-w", format);
            step("get", "a", "-w", format);
            if (!format.equals("fields")) {
                // etcdctl 3.5 shows no ids in hexadecimal there.
                step("get", "a", "-w", format, "--hex");
            }
            step("get", "", "--prefix", "-w", format);
            step("get", "nothing", "-w", format);
            step("put", "b" + format, "1");
            step("del", "b", "--prefix", "--prev-kv", "-w", format);
            step("del", "nothing", "-w", format);
        }
        step("put", "a", "\u0001\u2028\n\t\\\"\u007f\ud83d\ude00\u0378");
        step("get", "a", "-w", "fields");
        step("get", "a", "-w", "json");
        step("get", "a", "--hex");
        for (String key : List.of("k1", "k2", "k3", "l")) {
            step("put", key, "v" + key.hashCode() % 7);
        }
        step("get", "k", "--prefix", "--keys-only");
        step("get", "k", "--prefix", "--keys-only", "-w", "json");
        step("get", "k", "--prefix", "--print-value-only");
        step("get", "k", "--prefix", "--count-only", "-w", "fields");
        step("get", "k", "--prefix", "--count-only");
        step("get", "k", "--prefix", "--limit", "2", "-w", "json");
        step("get", "k", "--prefix", "--limit=0x1");
        step("get", "k", "--prefix", "--order", "descend");
        step("get", "k", "--prefix", "--sort-by", "VALUE", "--order=ASCEND");
        step("get", "", "--from-key", "--sort-by=modify", "--order=DESCEND");
        step("get", "k", "l");
        step("get", "k2", "--from-key");
        step("get", "a", "--rev", "3");
        step("get", "a", "--consistency=s");
        step("get", "--prefix=false", "k1");
        step("get", "-wjson", "k1");
        step("-w", "json", "get", "k1");
        step("get", "k1", "--rev", "3000");
        input("from stdin\n", "put", "s");
        step("get", "s", "-w", "json");
        step("put", "-w", "simple", "--", "d", "-dash");
        step("get", "d");
        step("put", "s", "--ignore-value");
        step("put", "s", "x", "--ignore-lease");
        step("put", "none", "--ignore-value");
        step("put", "a", "b", "--lease", "12345");
        step("put", "", "b");
        step("compaction", "4");
        step("compaction", "4");
        step("compact", "4000");
        step("--write-out=json", "g", "a");
        usage("h", "comp");
        usage("--hex", "help", "mem", "li");
        step("compaction", "5", "--physical");
        step("get", "a", "--rev", "3");
        compare();
    }

    @Test
    void wrongCallsFailAlike() throws Exception {
        step("get");
        usage("get", "a", "--foo");
        usage("get", "a", "--rev", "x");
        usage("get", "a", "--prefix=maybe");
        usage("get", "a", "-x");
        usage("get", "a", "-w");
        usage("get", "a", "--write-out");
        usage("get", "a", "--keepalive-time=x");
        usage("get", "a", "--dial-timeout=5");
        usage("get", "a", "--dial-timeout=5x");
        usage("get", "a", "---x");
        usage("get", "a", "--limit=99999999999999999999");
        usage("foo");
        usage("gett");
        usage("hepl");
        usage("l");
        usage("PU");
        usage("xyzzy", "a");
        usage("help", "foo", "bar");
        usage("help", "co");
        step("get", "a", "--prefix", "--from-key");
        step("get", "a", "--keys-only", "--count-only");
        step("get", "a", "b", "--prefix");
        step("get", "a", "--consistency", "x");
        step("get", "a", "--order", "x");
        step("get", "a", "--sort-by", "x");
        step("get", "a", "-w", "xx");
        step("get", "a", "--print-value-only", "-w", "json");
        step("get", "a", "--cert", "");
        step("get", "a", "--cert", "nope");
        step("get", "a", "--command-timeout=1ns");
        step("del");
        step("del", "a", "b", "c");
        step("del", "a", "--prefix", "--from-key");
        step("del", "a", "b", "--prefix");
        step("put");
        step("put", "a");
        step("put", "a", "b", "--ignore-value");
        step("put", "a", "b", "--lease", "zz");
        step("put", "a", "b", "--lease", "0x10");
        step("compaction");
        step("compaction", "x");
        step("lease", "grant");
        step("lease", "grant", "x");
        step("lease", "revoke");
        step("lease", "revoke", "123");
        step("lease", "timetolive");
        step("lease", "timetolive", "zz");
        step("lease", "keep-alive");
        step("member", "add");
        step("member", "add", "n1");
        step("member", "add", "n1", "http://127.0.0.1:1");
        step("member", "add", "n1", "--peer-urls=foo");
        step("member", "add", "n1", "--peer-urls=http://foo");
        step("member", "add", "n1", "--peer-urls=http://127.0.0.1:1/x");
        step("member", "remove");
        step("member", "remove", "zz");
        step("member", "remove", "123");
        step("member", "promote");
        step("member", "promote", "zz");
        step("member", "update", "123");
        step("move-leader");
        step("move-leader", "zz");
        step("move-leader", "123");
        step("alarm", "list", "x");
        step("elect");
        step("elect", "a");
        step("elect", "a", "b", "-l");
        step("lock");
        step("snapshot", "save");
        step("snapshot", "save", "/nowhere/at/all");
        step("auth", "enable", "x");
        step("auth", "enable");
        step("user", "add");
        step("user", "add", ":x");
        step("user", "add", "");
        step("user", "delete");
        step("user", "get");
        step("user", "get", "nobody");
        step("user", "list", "x");
        step("user", "passwd");
        step("user", "grant-role", "a");
        step("user", "grant-role", "a", "b");
        step("user", "revoke-role", "a");
        step("role", "add");
        step("role", "get");
        step("role", "get", "nobody");
        step("role", "list", "x");
        step("role", "delete", "nobody");
        step("role", "grant-permission", "a", "b");
        step("role", "grant-permission", "a", "foo", "k");
        step("role", "grant-permission", "a", "read", "k", "l", "--prefix");
        step("role", "grant-permission", "a", "read", "k", "l", "--from-key");
        step("role", "grant-permission", "a", "read", "k", "--prefix", "--from-key");
        step("role", "revoke-permission");
        step("check", "perf", "--load", "x");
        step("check", "datascale", "--load", "x");
        step("make-mirror");
        step("watch");
        step("watch", "w", "--");
        step("watch", "a", "b", "--prefix");
        step("txn", "a");
        compare();
    }

    @Test
    void transactionsAreReadAndShownAlike() throws Exception {
        step("put", "k1", "v1");
        for (String format : List.of("simple", "json", "fields", "protobuf", "table")) {
            input("""
                    ver("a") > "0"
                    mod("a") > "0"
                    c("a") != "0"

                    put a "c d\\n"
                    get a
                    get --prefix k
                    put "x y" z --prev-kv
                    del nope

                    del a --prev-kv
                    get k1
                    put a 1

                    """, "txn", "-w", format);
        }
        input("\n", "txn");
        input("\n\n\n", "txn");
        input("\n\n\n", "txn", "-i");
        input("val(\"a\") = \"b\"\n\nput a c\n\ndel a\n\n", "txn", "-i");
        input("ver(\"a\") > \"b\"\n\n", "txn");
        input("foo\n\n", "txn");
        input("foo(\"a\") = \"1\"\n\n", "txn");
        input("val(\"a\" = \"1\"\n\n", "txn");
        input("val(a) = \"1\"\n\n", "txn");
        input("val(\"a\")=\"1\"\n\n\n\n", "txn");
        input("ver(\"a\") = 3\n\n\n\n", "txn");
        input("val(\"a\") = `b`\n\n\n\n", "txn");
        input("\nfoo\n\n", "txn");
        input("\nfoo a\n\n", "txn");
        input("\nput a\n\n\n", "txn");
        input("\nput a b --lease zz\n\n\n", "txn");
        input("\nput a b\nput a b\n\n\n", "txn");
        input("\ndel\n\n\n", "txn");
        input("\n get    k1   \n\n\n", "txn");
        input("\nput 'k 1' 'v  1'\nget 'k 1'\n\n\n", "txn");
        input("\nput k -- -v\nget k\n\n\n", "txn");
        input("\nput k3 \"a\\tb\\x00\\u00e9\"\nget k3\n\n\n", "txn");
        input("\nget \"\\x00\" --from-key --limit=1\n\n\n", "txn", "-w", "json");
        input("\nget a\n", "txn");
        compare();
    }

    @Test
    void leasesAreGrantedShownAndRevokedAlike() throws Exception {
        for (String format : List.of("simple", "json", "fields", "protobuf", "table")) {
            capture("LEASE", "lease ([0-9a-f]{16})", "lease", "grant", "1000");
            step("put", "k", "v", "--lease", "$LEASE");
            if (!format.equals("protobuf")) {
                step("get", "k", "-w", format);
            }
            step("lease", "list", "-w", format);
            step("lease", "keep-alive", "--once", "$LEASE", "-w", format);
            step("lease", "timetolive", "$LEASE", "--keys", "-w", format);
            step("lease", "timetolive", "$LEASE", "-w", format);
            if (!format.equals("protobuf")) {
                // etcdctl revokes, and then fails because it cannot encode the answer.
                step("lease", "revoke", "$LEASE", "-w", format);
            }
            step("lease", "revoke", "$LEASE");
            step("lease", "timetolive", "$LEASE", "-w", format);
            step("lease", "list", "-w", format);
        }
        step("lease", "grant", "100", "-w", "protobuf");
        step("lease", "grant", "100", "-w", "table");
        step("lease", "keep-alive", "--once", "123");
        step("lease", "keep-alive", "123");
        step("lease", "keep-alive", "123", "-w", "json");
        step("lease", "timetolive", "--", "-1");
        compare();
    }

    @Test
    void membersAndEndpointsAreShownAlike() throws Exception {
        for (String format : List.of("simple", "json", "fields", "table", "protobuf")) {
            step("member", "list", "-w", format);
            step("endpoint", "health", "-w", format);
            step("endpoint", "health", "--cluster", "-w", format);
        }
        step("mem", "li", "-w", "json", "--hex");
        usage("member", "a");
        usage("member", "l", "x");
        step("endpoint", "status", "-w", "json");
        step("endp", "stat", "--cluster", "-w", "json");
        step("endpoint", "status", "-w", "protobuf");
        step("endpoint", "hashkv", "-w", "json");
        step("endpoint", "hashkv", "-w", "json", "--rev=1");
        step("endpoint", "hashkv", "-w", "protobuf");
        step("alarm", "list");
        step("alarm", "list", "-w", "json");
        step("alarm", "list", "-w", "fields");
        step("alarm", "list", "-w", "table");
        step("alarm", "disarm");
        step("alarm", "disarm", "-w", "json");
        step("member", "update", "123", "--peer-urls=http://127.0.0.1:1");
        capture(
                "MEMBER",
                "Member +([0-9a-f]+) added",
                "member",
                "add",
                "n1",
                "--learner",
                "--peer-urls=http://127.0.0.1:1");
        inAnyOrder("member", "list");
        step("member", "promote", "$MEMBER");
        step("member", "update", "$MEMBER", "--peer-urls=http://127.0.0.1:2,http://127.0.0.1:3");
        inAnyOrder("member", "update", "$MEMBER", "--peer-urls=http://127.0.0.1:2", "-w", "json");
        inAnyOrder("member", "list", "-w", "json");
        step("member", "remove", "$MEMBER");
        step("member", "list", "-w", "fields");
        step("get", "a", "--endpoints", "127.0.0.1:1", "--command-timeout=300ms");
        compare();
    }

    @Test
    void usersRolesAndAuthenticationWorkAlike() throws Exception {
        for (String format : List.of("table", "protobuf")) {
            step("user", "add", "t" + format + ":pw", "-w", format);
            step("user", "list", "-w", format);
            step("role", "list", "-w", format);
        }
        for (String format : List.of("simple", "json", "fields")) {
            String user = "u" + format;
            String role = "r" + format;
            step("user", "add", user + ":pw", "-w", format);
            step("role", "add", role, "-w", format);
            step("user", "grant-role", user, role, "-w", format);
            step("user", "get", user, "-w", format);
            step("user", "get", user, "--detail", "-w", format);
            step("role", "grant-permission", role, "readwrite", "a", "b", "-w", format);
            step("role", "grant-permission", role, "read", "k");
            step("role", "grant-permission", role, "write", "z", "--prefix");
            step("role", "grant-permission", role, "write", "", "--prefix");
            step("role", "grant-permission", role, "read", "x", "--from-key");
            step("role", "get", role, "-w", format);
            step("user", "list", "-w", format);
            step("role", "list", "-w", format);
            step("role", "revoke-permission", role, "a", "b", "-w", format);
            step("role", "revoke-permission", role, "k", "-w", format);
            step("role", "revoke-permission", role, "x", "--from-key");
            step("role", "revoke-permission", role, "", "--prefix");
            step("user", "revoke-role", user, role, "-w", format);
            step("auth", "status", "-w", format);
        }
        input("pw1\n", "user", "add", "foo", "--interactive=false");
        input("pw2\n", "user", "passwd", "foo", "--interactive=false", "-w", "json");
        step("user", "add", "nop", "--no-password");
        step("user", "add", "nop2", "--new-user-password=xx");
        step("user", "add", "nop2", "--new-user-password=xx");
        step("user", "add", "q<&\"\u0001:x");
        step("user", "list", "-w", "json");
        step("user", "delete", "nop2", "-w", "json");
        step("user", "delete", "nop");
        step("role", "delete", "rjson");
        step("auth", "disable");
        step("user", "add", "root:root");
        step("auth", "enable");
        step("auth", "status");
        step("auth", "status", "--user", "root:root");
        step("get", "a");
        step("get", "a", "--user", "root:bad");
        step("get", "a", "--user", "usimple:pw");
        step("put", "a", "1", "--user", "root", "--password", "root");
        step("endpoint", "health");
        step("endpoint", "health", "--user", "root:root");
        step("auth", "disable", "--user", "root:root", "-w", "json");
        compare();
    }

    @Test
    void theEnvironmentSetsFlagsAlike() throws Exception {
        step("put", "a", "1");
        environment(Map.of("ETCDCTL_HEX", "true"), "get", "a");
        environment(Map.of("ETCDCTL_WRITE_OUT", "json"), "get", "a");
        environment(Map.of("ETCDCTL_HEX", "zz"), "get", "a");
        environment(Map.of("ETCDCTL_WATCH_KEY", "foo"), "watch", "w");
        environment(Map.of("ETCDCTL_WATCH_RANGE_END", "foo"), "watch", "w");
        compare();
    }

    @Test
    void watchesShowWhatHappenedAlike() throws Exception {
        List<List<String>> histories = new ArrayList<>();
        for (Side side : sides()) {
            side.server().startAfresh();
            CommandProgram program = side.program();
            String endpoint = side.server().endpoint();
            String endpoints = "--endpoints=" + endpoint;
            run(side, "put", "w", "1");
            run(side, "put", "w", "2");
            run(side, "del", "w");
            run(side, "put", "w2", "3");
            List<String> seen = new ArrayList<>();
            for (String format : List.of("simple", "json", "fields")) {
                CommandRun run = program.runUntil(
                        List.of("watch", "w", "--prefix", "--rev=1", "--prev-kv", "-w", format, endpoints),
                        out -> lastEventShown(out, format));
                seen.add(run.exitCode() + "\n" + run.out());
            }
            CommandRun withProgram = program.runUntil(
                    List.of(
                            "watch",
                            "w2",
                            "--rev=1",
                            endpoints,
                            "--",
                            "sh",
                            "-c",
                            "echo $ETCD_WATCH_REVISION $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE"),
                    out -> out.contains("\"3\"\n"));
            seen.add(withProgram.exitCode() + "\n" + withProgram.out());
            CommandRun failing = program.run(List.of("watch", "w2", "--rev=1", endpoints, "--", "false"), "", Map.of());
            seen.add(failing.toString());
            run(side, "compaction", "4");
            CommandRun compacted = program.run(List.of("watch", "w", "--rev=2", endpoints), "", Map.of());
            seen.add(compacted.toString().replaceAll("\\{\"level\".*?\\}\n", ""));
            histories.add(seen.stream().map(this::alike).toList());
            side.server().close();
        }
        assertEquals(histories.getFirst(), histories.get(1));
    }

    @Test
    void locksAndElectionsEndAlikeWhenInterrupted() throws Exception {
        List<List<String>> histories = new ArrayList<>();
        for (Side side : sides()) {
            side.server().startAfresh();
            CommandProgram program = side.program();
            String endpoint = side.server().endpoint();
            String endpoints = "--endpoints=" + endpoint;
            List<String> seen = new ArrayList<>();
            CommandRun lock = program.runUntil(List.of("lock", "name", endpoints), out -> out.startsWith("name/"));
            seen.add(lock.toString().replaceAll("name/[0-9a-f]+", "name/LEASE"));
            CommandRun elect = program.runUntil(List.of("elect", "name", "me", endpoints), out -> out.endsWith("me\n"));
            seen.add(elect.toString().replaceAll("name/[0-9a-f]+", "name/LEASE"));
            run(side, "put", "others/1", "leads");
            CommandRun listen =
                    program.runUntil(List.of("elect", "others", "-l", endpoints), out -> out.endsWith("leads\n"));
            seen.add(listen.toString());
            String lease = run(side, "lease", "grant", "60").out().split(" ", -1)[1];
            CommandRun kept =
                    program.runUntil(List.of("lease", "keep-alive", lease, endpoints), out -> out.endsWith("\n"));
            seen.add(kept.exitCode() + kept.out().replace(lease, "LEASE"));
            CommandRun left = run(side, "get", "name/", "--prefix", "-w", "fields");
            seen.add(left.out().replaceAll("\"Revision\" : \\d+", ""));
            seen.add(run(side, "lock", "name", "--", "sh", "-c", "echo $ETCD_LOCK_KEY | cut -c1-5; exit 7")
                    .toString());
            seen.add(run(side, "lock", "name", "no-such-program").toString());
            seen.add(run(side, "lock", "name", "/no/such/program").toString());
            seen.add(run(side, "lock", "name", "true").toString());
            histories.add(seen.stream().map(this::alike).toList());
            side.server().close();
        }
        assertEquals(histories.getFirst(), histories.get(1));
    }

    @Test
    void typedWatchesAndProgressAreAnsweredAlike() throws Exception {
        List<List<String>> histories = new ArrayList<>();
        for (Side side : sides()) {
            side.server().startAfresh();
            CommandProgram program = side.program();
            String endpoint = side.server().endpoint();
            List<String> seen = new ArrayList<>();
            for (String input : List.of("foo\n", "watch\n", "\n", "", "watch a --rev zz\n", "watch a b --prefix\n")) {
                CommandRun run = program.run(List.of("watch", "-i", "--endpoints=" + endpoint), input, Map.of());
                seen.add(run.toString().replaceAll("\\{\"level\".*?\\}\n", ""));
            }
            run(side, "put", "w", "1");
            run(side, "put", "w", "2", "--prev-kv");
            run(side, "del", "w");
            run(side, "put", "w2", "3");
            List<String> interactive = List.of("watch", "-i", "--endpoints=" + endpoint);
            seen.add(program.runUntil(
                            interactive, "watch w --rev=1 --prev-kv\n", out -> out.endsWith("DELETE\nw\n2\nw\n\n"))
                    .out());
            seen.add(program.runUntil(
                            interactive,
                            "watch --rev=1 w2 -- echo happened\n",
                            out -> out.endsWith("w2\n3\nhappened\n"))
                    .out());
            histories.add(seen.stream().map(this::alike).toList());
            side.server().close();
        }
        assertEquals(histories.getFirst(), histories.get(1));
    }

    private static boolean lastEventShown(String out, String format) {
        return switch (format) {
            case "simple" -> out.endsWith("w2\n3\n");
            case "json" -> out.endsWith("\"Created\":false}\n");
            default -> out.contains("\"Key\" : \"w2\"") && out.endsWith("\"Lease\" : 0\n");
        };
    }

    /**
     * One command of a comparison.
     *
     * @param output how its standard output is compared
     * @param captured name under which later steps use what {@code pattern} finds in the output; empty for none
     */
    private record Step(
            List<String> words,
            String input,
            Map<String, String> environment,
            Output output,
            String captured,
            String pattern) {}

    private enum Output {
        EQUAL,
        /** It is help, which is worded differently. */
        IGNORED,
        /** Its lists are in the order of ids that are random. */
        SAME_WORDS
    }

    final void step(String... words) {
        steps.add(new Step(List.of(words), "", Map.of(), Output.EQUAL, "", ""));
    }

    final void input(String input, String... words) {
        steps.add(new Step(List.of(words), input, Map.of(), Output.EQUAL, "", ""));
    }

    final void usage(String... words) {
        steps.add(new Step(List.of(words), "", Map.of(), Output.IGNORED, "", ""));
    }

    final void environment(Map<String, String> environment, String... words) {
        steps.add(new Step(List.of(words), "", environment, Output.EQUAL, "", ""));
    }

    final void inAnyOrder(String... words) {
        steps.add(new Step(List.of(words), "", Map.of(), Output.SAME_WORDS, "", ""));
    }

    final void capture(String name, String pattern, String... words) {
        steps.add(new Step(List.of(words), "", Map.of(), Output.SAME_WORDS, name, pattern));
    }

    /** Gives all steps to both sides. */
    private void compare() throws Exception {
        List<Side> sides = sides();
        List<List<String>> histories = new ArrayList<>();
        for (Side side : sides) {
            histories.add(history(side));
        }
        List<String> different = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            String one = histories.getFirst().get(i);
            String other = histories.getLast().get(i);
            if (!one.equals(other)) {
                different.add(
                        sides.getFirst().name() + ": " + one + sides.getLast().name() + ": " + other);
            }
        }
        assertTrue(different.isEmpty(), () -> String.join("\n", different));
    }

    private List<String> history(Side side) throws Exception {
        side.server().startAfresh();
        Map<String, String> values = new HashMap<>();
        List<String> history = new ArrayList<>();
        for (Step step : steps) {
            List<String> words = new ArrayList<>();
            for (String word : step.words()) {
                words.add(values.getOrDefault(word, word));
            }
            Map<String, String> environment = new HashMap<>(step.environment());
            if (!step.words().contains("--endpoints")) {
                environment.put("ETCDCTL_ENDPOINTS", side.server().endpoint());
            }
            CommandRun run = side.program().run(words, step.input(), environment);
            if (!step.captured().isEmpty()) {
                Matcher found = Pattern.compile(step.pattern()).matcher(run.out());
                assertTrue(found.find(), () -> step.words() + ": " + run);
                values.put("$" + step.captured(), found.group(1));
            }
            history.add(step.words() + " exit " + run.exitCode() + "\n"
                    + shown(step.output(), alike(comparable(run.out(), values))) + "stderr:\n"
                    + comparable(run.err(), values));
        }
        side.server().close();
        return history;
    }

    static CommandRun run(Side side, String... words) throws Exception {
        List<String> all =
                new ArrayList<>(List.of("--endpoints=" + side.server().endpoint()));
        all.addAll(List.of(words));
        return side.program().run(all, "", Map.of());
    }

    private static String shown(Output output, String text) {
        return switch (output) {
            case EQUAL -> text;
            case IGNORED -> "";
            case SAME_WORDS ->
                Stream.of(text.split("[^A-Za-z0-9:/.]+", -1))
                        .filter(word -> !word.isEmpty())
                        .sorted()
                        .collect(Collectors.joining(" ", "", "\n"));
        };
    }

    /** Takes out what differs from run to run, and between etcdctl 3.5 and 3.6. */
    private static String comparable(String output, Map<String, String> values) {
        String text = output.replaceAll("(?m)^(\\{\"level\":|stty: ).*\n", "")
                .replace("\"etcdctl\"", "\"keelson kv\"")
                .replace("'etcdctl ", "'keelson kv ")
                .replaceAll("[0-9.]+(ms|\u00c2\u00b5s|s)\\b", "TIME")
                .replaceAll(" +TIME", " TIME")
                .replaceAll("\"(raftIndex|raftAppliedIndex|dbSize|dbSizeInUse)\":\\d+", "\"$1\":N")
                .replace("\"Revision\" : 0\n", "")
                .replace("\"clientURLS\"", "\"clientURLs\"");
        for (Map.Entry<String, String> value : values.entrySet()) {
            // An ID of fewer than 16 digits is filled up with spaces.
            text = text.replaceAll(" +(" + value.getValue() + ")", " $1")
                    .replace(value.getValue(), value.getKey())
                    .replace(Long.toUnsignedString(Long.parseUnsignedLong(value.getValue(), 16)), value.getKey());
        }
        return asciiTable(text);
    }

    /** Debian's etcdctl draws tables with box characters, those of etcd itself are ASCII. */
    private static String asciiTable(String bytes) {
        String text = ByteText.toText(bytes);
        String ascii = text.replace('\u2500', '-').replace('\u2502', '|').replaceAll("[\u250c-\u253c]", "+");
        // Columns are as wide as the times in them.
        return text.equals(ascii) && text.indexOf('|') < 0
                ? text
                : ascii.replaceAll("-+", "-").replaceAll(" +", " ");
    }
}
