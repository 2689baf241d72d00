package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real etcdctl with three members of a real etcd and then of ours, at the same addresses: what it prints is the same,
 * but for who leads and how large a database is.
 *
 * <p>Needs {@code KEELSON_ETCD} and {@code KEELSON_ETCDCTL}, or both on the path; skipped without.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeelsonClusterForEtcdctlTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder = Path.of("");

    /** Commands to a cluster, and what they showed. */
    private static final class Session {
        private final CommandProgram program;
        private final List<Place> places;
        private final List<String> shown = new ArrayList<>();

        Session(CommandProgram program, List<Place> places) {
            this.program = program;
            this.places = places;
        }

        CommandRun at(String endpoints, String... words) throws Exception {
            List<String> all = new ArrayList<>(List.of("--endpoints=" + endpoints));
            all.addAll(List.of(words));
            return program.run(all, "", Map.of());
        }

        CommandRun atAll(String... words) throws Exception {
            return at(Place.endpoints(places), words);
        }

        /** Notes lines in an order of their own: lists come in the order of ids or of answers. */
        void note(CommandRun run) {
            List<String> lines = run.out()
                    .lines()
                    .map(line -> line.replaceAll("[0-9.]+(ms|\u00c2\u00b5s|s)\\b", "TIME"))
                    .sorted()
                    .toList();
            shown.add(run.exitCode() + "\n" + String.join("\n", lines) + "\n" + withoutLog(run.err()));
        }

        void showAtAll(String... words) throws Exception {
            note(atAll(words));
        }

        List<JsonNode> statuses() throws Exception {
            List<JsonNode> statuses = new ArrayList<>();
            CommandRun run = atAll("endpoint", "status", "-w", "json");
            assertEquals(0, run.exitCode(), run.err());
            JSON.readTree(run.out()).forEach(statuses::add);
            return statuses;
        }

        /** The endpoint of the member that leads. */
        String leader() throws Exception {
            for (JsonNode status : statuses()) {
                JsonNode answer = status.get("Status");
                if (answer.get("leader")
                        .asText()
                        .equals(answer.get("header").get("member_id").asText())) {
                    return status.get("Endpoint").asText();
                }
            }
            throw new AssertionError("nobody leads");
        }

        String memberId(String endpoint) throws Exception {
            for (JsonNode status : statuses()) {
                if (status.get("Endpoint").asText().equals(endpoint)) {
                    return Long.toHexString(Long.parseUnsignedLong(
                            status.get("Status").get("header").get("member_id").asText()));
                }
            }
            throw new AssertionError(endpoint);
        }
    }

    private interface Script {
        void run(Session session) throws Exception;
    }

    /** Runs a script with a real etcd and with ours, and compares what was noted. */
    private void compare(Script script) throws Exception {
        Optional<File> etcd = EtcdServer.find("KEELSON_ETCD", "etcd");
        Optional<File> etcdctl = EtcdServer.find("KEELSON_ETCDCTL", "etcdctl");
        assumeTrue(etcd.isPresent() && etcdctl.isPresent(), "no etcd to compare with");
        List<Place> places = Place.ofThree();
        List<List<String>> shown = new ArrayList<>();
        for (StoreServer server : List.of(
                new EtcdServer(etcd.orElseThrow(), Files.createDirectories(folder.resolve("etcd")), places),
                new KeelsonServer(folder.resolve("keelson"), places))) {
            try (server) {
                server.startAfresh();
                Session session = new Session(new CommandProgram.Etcdctl(etcdctl.orElseThrow()), places);
                Waiting.until("a healthy cluster", () -> {
                    try {
                        return session.atAll("endpoint", "health").exitCode() == 0;
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
                script.run(session);
                shown.add(session.shown);
            }
        }
        assertEquals(shown.getFirst(), shown.getLast());
    }

    @Test
    void whatIsAskedOfAllMembersIsAnsweredByAll() throws Exception {
        compare(session -> {
            session.showAtAll("member", "list");
            session.showAtAll("member", "list", "-w", "table");
            session.showAtAll("endpoint", "health");
            session.showAtAll("endpoint", "health", "--cluster");
            session.showAtAll("put", "a", "1");
            for (Place place : session.places) {
                session.note(session.at(place.endpoint(), "put", "by " + place.name(), place.name(), "-w", "simple"));
                session.note(session.at(place.endpoint(), "get", "", "--prefix"));
                session.note(session.at(place.endpoint(), "get", "a", "--consistency=s"));
                session.note(session.at(place.endpoint(), "endpoint", "health", "--cluster"));
            }
            session.showAtAll("defrag");
            session.showAtAll("defrag", "--cluster");
            session.showAtAll("alarm", "list");
            session.showAtAll("compaction", "3", "--physical");
            CommandRun hashes = session.atAll("endpoint", "hashkv", "--cluster", "--rev=4", "-w", "json");
            List<String> distinct = new ArrayList<>();
            JSON.readTree(hashes.out()).forEach(member -> {
                String hash = member.get("HashKV").get("hash") + " "
                        + member.get("HashKV").get("compact_revision");
                if (!distinct.contains(hash)) {
                    distinct.add(hash);
                }
            });
            assertEquals(1, distinct.size(), hashes.out());
            List<JsonNode> statuses = session.statuses();
            assertEquals(3, statuses.size());
            assertEquals(
                    1,
                    statuses.stream()
                            .map(status -> status.get("Status").get("leader").asText())
                            .distinct()
                            .count());
            String table = session.atAll("endpoint", "status", "-w", "table").out();
            assertEquals(
                    3,
                    Pattern.compile("127\\.0\\.0\\.1:\\d+")
                            .matcher(table)
                            .results()
                            .count(),
                    table);
        });
    }

    @Test
    void theLeadershipIsMoved() throws Exception {
        compare(session -> {
            String leader = session.leader();
            String target = session.places.stream()
                    .map(Place::endpoint)
                    .filter(endpoint -> !endpoint.equals(leader))
                    .findFirst()
                    .orElseThrow();
            CommandRun refused = session.at(target, "move-leader", session.memberId(target));
            session.shown.add(
                    refused.exitCode() + " " + withoutLog(refused.err()).replace(target, "TARGET"));
            CommandRun moved = session.atAll("move-leader", session.memberId(target));
            session.shown.add(moved.out()
                    .replace(session.memberId(leader), "LEADER")
                    .replace(session.memberId(target), "TARGET"));
            assertNotEquals(leader, session.leader());
            assertEquals(target, session.leader());
        });
    }

    @Test
    void membersComeAndGo() throws Exception {
        compare(session -> {
            Place added = Place.of("m4");
            CommandRun add = session.atAll("member", "add", "m4", "--learner", "--peer-urls=" + added.peerUrl());
            while (add.err().contains("etcdserver: unhealthy cluster")) {
                // An etcd takes its members for unhealthy until it has been connected with them for five seconds.
                add = session.atAll("member", "add", "m4", "--learner", "--peer-urls=" + added.peerUrl());
            }
            assertEquals(0, add.exitCode(), add.err());
            String id = add.out().replaceFirst("(?s)Member +([0-9a-f]+) added.*", "$1");
            // The list of members in it is in the order of ids, one of which depends on the time.
            session.shown.add(Stream.of(masked(add.out(), id, added).split("[\n,\"]", -1))
                    .sorted()
                    .toList()
                    .toString());
            session.shown.add(masked(session.atAll("member", "list").out(), id, added)
                    .lines()
                    .sorted()
                    .toList()
                    .toString());
            session.shown.add(masked(session.atAll("member", "promote", id).err(), id, added));
            session.shown.add(masked(session.atAll("member", "remove", id).out(), id, added));
            session.showAtAll("member", "list");
            String self = session.memberId(session.places.getFirst().endpoint());
            session.showAtAll(
                    "member",
                    "update",
                    self,
                    "--peer-urls=" + session.places.getFirst().peerUrl());
            session.showAtAll("put", "a", "still works");
        });
    }

    private static String withoutLog(String errors) {
        return errors.replaceAll("(?m)^\\{\"level\":.*\n", "");
    }

    private static String masked(String text, String id, Place added) {
        // An ID of fewer than 16 digits is filled up with spaces.
        return withoutLog(text)
                .replaceAll(" +" + id, " ID")
                .replace(id, "ID")
                .replace(String.valueOf(added.peerPort()), "PORT");
    }

    @Test
    void aSnapshotOfAnyMemberIsReadByEtcdctlAndMirrorsWork() throws Exception {
        compare(session -> {
            for (int i = 0; i < 20; i++) {
                assertEquals(0, session.atAll("put", "key" + i, "value " + i).exitCode());
            }
            for (Place place : session.places) {
                Path file = folder.resolve(place.name() + ".db");
                Files.deleteIfExists(file);
                CommandRun saved = session.at(place.endpoint(), "snapshot", "save", file.toString());
                session.note(saved);
                JsonNode status = JSON.readTree(session.atAll("snapshot", "status", file.toString(), "-w", "json")
                        .out());
                session.shown.add("revision " + status.get("revision"));
                assertTrue(status.get("totalKey").asInt() >= 20, status::toString);
            }
            Path restored = folder.resolve("restored");
            EtcdServer.delete(restored);
            CommandRun restore =
                    session.atAll("snapshot", "restore", folder.resolve("m2.db").toString(), "--data-dir=" + restored);
            assertEquals(0, restore.exitCode(), restore.err());
            CommandRun mirror = session.program.runUntil(
                    List.of(
                            "make-mirror",
                            "--endpoints=" + Place.endpoints(session.places),
                            "--prefix=key1",
                            "--dest-prefix=copy",
                            session.places.getFirst().endpoint()),
                    out -> {
                        try {
                            return session.atAll("get", "copy", "--prefix", "--count-only", "-w", "fields")
                                    .out()
                                    .contains("\"Count\" : 11");
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
            session.shown.add(String.valueOf(mirror.exitCode()));
            session.showAtAll("get", "copy", "--prefix");
        });
    }
}
