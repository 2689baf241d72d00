package io.keelson.kvstore.cli;

import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.migrate.Restore;
import io.keelson.kvstore.migrate.RestoreConfig;
import io.keelson.kvstore.migrate.RestoreReport;
import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code snapshot restore} and {@code migrate}: they make a data folder out of a file, and ask no server. */
final class RestoreCommands {
    private RestoreCommands() {}

    static void restore(Invocation call) {
        call.requireWords(1, "snapshot restore requires exactly one argument");
        long bump = GoNumbers.parseUint(call.arguments().string("bump-revision"), 0);
        if (bump < 0) {
            throw CommandFailure.badArguments("--bump-revision is larger than a revision can be");
        }
        run(call, call.words().getFirst(), bump, call.arguments().bool("mark-compacted"));
    }

    static void migrate(Invocation call) {
        call.requireWords(0, "migrate takes no arguments, the file is named by --from");
        String from = call.arguments().string("from");
        if (from.isEmpty()) {
            throw CommandFailure.of(ExitCode.ERROR, "required flag(s) \"from\" not set");
        }
        run(call, from, 0, false);
    }

    private static void run(Invocation call, String source, long bump, boolean markCompacted) {
        if ((bump > 0) != markCompacted) {
            throw CommandFailure.badArguments("--mark-compacted required if --revision-bump > 0");
        }
        Arguments given = call.arguments();
        if (given.string("data-dir").isEmpty()) {
            throw CommandFailure.of(ExitCode.ERROR, "required flag(s) \"data-dir\" not set");
        }
        Path dataDir = Path.of(ByteText.toText(given.string("data-dir")));
        String walDir = given.string("wal-dir");
        if (!walDir.isEmpty() && Files.exists(Path.of(ByteText.toText(walDir)))) {
            throw CommandFailure.of(ExitCode.ERROR, "wal-dir " + GoQuote.quote(walDir) + " exists");
        }
        ServerConfig cluster = cluster(given);
        var config = new RestoreConfig(
                Path.of(ByteText.toText(source)),
                dataDir,
                cluster.name(),
                cluster.cluster().initialPeerUrlsByName(),
                cluster.cluster().token(),
                given.bool("skip-hash-check"),
                bump,
                markCompacted);
        var progress = new Steps(call.console());
        try {
            RestoreReport report = Restore.run(config, progress);
            progress.end();
            print(call.console(), source, given.string("data-dir"), report);
        } catch (IOException e) {
            progress.end();
            throw CommandFailure.of(ExitCode.ERROR, e);
        }
    }

    /** The server's own reading of these flags, so that what it would refuse at its start is refused now. */
    private static ServerConfig cluster(Arguments given) {
        List<String> flags = new ArrayList<>();
        for (String name : List.of("name", "initial-cluster", "initial-cluster-token", "initial-advertise-peer-urls")) {
            flags.add("--" + name + "=" + ByteText.toText(given.string(name)));
        }
        try {
            ServerConfig config = ServerConfig.parse(flags, Map.of());
            config.checkInitialCluster();
            return config;
        } catch (ConfigException e) {
            throw CommandFailure.of(ExitCode.ERROR, e);
        }
    }

    private static void print(Console console, String source, String dataDir, RestoreReport report) {
        console.println("Restored " + source + " into " + dataDir);
        console.println("keys: " + report.keys() + " (" + report.versions() + " versions and " + report.deletions()
                + " deletions kept)");
        console.println("revision: " + report.revision() + ", "
                + (report.compactRevision() < 0 ? "not compacted" : "compacted to " + report.compactRevision()));
        console.println("leases: " + report.leases() + ", users: " + report.users() + ", roles: " + report.roles()
                + ", authentication " + (report.authEnabled() ? "on" : "off") + ", alarms: " + report.alarms());
        console.println(
                "member: " + ClusterIds.text(report.memberId()) + " of cluster " + ClusterIds.text(report.clusterId()));
        for (String notice : report.notices()) {
            console.errorln("Note: " + ByteText.ofText(notice));
        }
    }

    /** The steps of a restore, each with a line of its own. */
    private static final class Steps implements io.keelson.kvstore.migrate.Progress {
        private final Console console;
        private @Nullable Progress step;

        Steps(Console console) {
            this.console = console;
        }

        @Override
        public void begin(String what) {
            end();
            step = new Progress(console, what);
        }

        @Override
        public void at(long done, long total) {
            if (step != null) {
                step.count(done, total);
            }
        }

        void end() {
            if (step != null) {
                step.end();
                step = null;
            }
        }
    }
}
