package io.keelson.kvstore.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All commands with their flags: names, defaults and texts of etcdctl 3.6. */
final class CommandTree {
    static final List<Flag> GLOBAL_FLAGS = List.of(
            Flag.string("cacert", "", "verify certificates of TLS-enabled secure servers using this CA bundle"),
            Flag.string("cert", "", "identify secure client using this TLS certificate file"),
            Flag.duration("command-timeout", "5s", "timeout for short running command (excluding dial timeout)"),
            Flag.bool("debug", "enable client-side debug logging"),
            Flag.duration("dial-timeout", "2s", "dial timeout for client connections"),
            Flag.string("discovery-srv", "", "domain name to query for SRV records describing cluster endpoints")
                    .withLetter('d'),
            Flag.string("discovery-srv-name", "", "service name to query when using DNS discovery"),
            new Flag("endpoints", '\0', Flag.Kind.STRINGS, "127.0.0.1:2379", "gRPC endpoints"),
            Flag.bool("hex", "print byte strings as hex encoded strings"),
            Flag.bool("insecure-discovery", "accept insecure SRV records describing cluster endpoints")
                    .withInitial("true"),
            Flag.bool(
                    "insecure-skip-tls-verify",
                    "skip server certificate verification (CAUTION: this option should be enabled only for testing"
                            + " purposes)"),
            Flag.bool("insecure-transport", "disable transport security for client connections")
                    .withInitial("true"),
            Flag.duration("keepalive-time", "2s", "keepalive time for client connections"),
            Flag.duration("keepalive-timeout", "6s", "keepalive timeout for client connections"),
            Flag.string("key", "", "identify secure client using this TLS key file"),
            new Flag(
                    "max-recv-bytes",
                    '\0',
                    Flag.Kind.INT64,
                    "0",
                    "client-side response receive limit in bytes (if 0, it defaults to \"math.MaxInt32\")"),
            new Flag(
                    "max-request-bytes",
                    '\0',
                    Flag.Kind.INT64,
                    "0",
                    "client-side request send limit in bytes (if 0, it defaults to 2.0 MiB (2 * 1024 * 1024).)"),
            Flag.string(
                    "password",
                    "",
                    "password for authentication (if this option is used, --user option shouldn't include password)"),
            Flag.string("user", "", "username[:password] for authentication (prompt if password is not supplied)"),
            Flag.string("write-out", "simple", "set the output format (fields, json, protobuf, simple, table)")
                    .withLetter('w'));

    static final Command ROOT = Command.group(
            "",
            "[command]",
            "A command line client for etcd v3 stores",
            List.of(),
            List.of(
                    alarm(),
                    auth(),
                    check(),
                    Command.of(
                            "compaction",
                            "compaction [options] <revision>",
                            "Compacts the event history in etcd",
                            Flag.bool(
                                    "physical",
                                    "'true' to wait for compaction to physically remove all old revisions")),
                    completion(),
                    Command.of(
                            "defrag",
                            "defrag",
                            "Defragments the storage of the etcd members with given endpoints",
                            Flag.bool("cluster", "use all endpoints from the cluster member list")),
                    del(),
                    downgrade(),
                    Command.of(
                            "elect",
                            "elect <election-name> [proposal]",
                            "Observes and participates in leader election",
                            Flag.bool("listen", "observation mode").withLetter('l')),
                    endpoint(),
                    get(),
                    lease(),
                    Command.of(
                            "lock",
                            "lock <lockname> [exec-command arg1 arg2 ...]",
                            "Acquires a named lock",
                            Flag.int64("ttl", "timeout for session").withInitial("10")),
                    makeMirror(),
                    member(),
                    migrate(),
                    Command.of(
                            "move-leader",
                            "move-leader <transferee-member-id>",
                            "Transfers leadership to another etcd cluster member."),
                    put(),
                    role(),
                    snapshot(),
                    Command.of(
                            "txn",
                            "txn [options]",
                            "Txn processes all the requests in one transaction",
                            Flag.bool("interactive", "Input transaction in interactive mode")
                                    .withLetter('i')),
                    user(),
                    Command.of("version", "version", "Prints the version of this program"),
                    watch()));

    private CommandTree() {}

    /**
     * The flags that a command takes although they are not its own: those of all commands, and those of the groups it is in.
     *
     * @param path its words, without the program's name
     */
    static List<Flag> inheritedFlags(String path) {
        List<Flag> flags = new ArrayList<>(GLOBAL_FLAGS);
        Command group = ROOT;
        for (String word : path.split(" ", -1)) {
            Command child = group.child(word);
            if (child == null || !child.isGroup() || child.path().equals(path)) {
                break;
            }
            flags.addAll(child.flags());
            group = child;
        }
        flags.sort(Comparator.comparing(Flag::name));
        return flags;
    }

    static Command get() {
        return Command.of(
                "get",
                "get [options] <key> [range_end]",
                "Gets the key or a range of keys",
                Flag.string("consistency", "l", "Linearizable(l) or Serializable(s)"),
                Flag.bool("count-only", "Get only the count"),
                Flag.bool("from-key", "Get keys that are greater than or equal to the given key using byte compare"),
                Flag.bool("keys-only", "Get only the keys"),
                Flag.int64("limit", "Maximum number of results"),
                Flag.int64("max-create-rev", "Maximum create revision"),
                Flag.int64("max-mod-rev", "Maximum modification revision"),
                Flag.int64("min-create-rev", "Minimum create revision"),
                Flag.int64("min-mod-rev", "Minimum modification revision"),
                Flag.string("order", "", "Order of results; ASCEND or DESCEND (ASCEND by default)"),
                Flag.bool("prefix", "Get keys with matching prefix"),
                Flag.bool("print-value-only", "Only write values when using the \"simple\" output format"),
                Flag.int64("rev", "Specify the kv revision"),
                Flag.string("sort-by", "", "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION"));
    }

    static Command put() {
        return Command.of(
                        "put",
                        "put [options] <key> <value> (<value> can also be given from stdin)",
                        "Puts the given key into the store",
                        Flag.bool("ignore-lease", "updates the key using its current lease"),
                        Flag.bool("ignore-value", "updates the key using its current value"),
                        Flag.string("lease", "0", "lease ID (in hexadecimal) to attach to the key"),
                        Flag.bool("prev-kv", "return the previous key-value pair before modification"))
                .describedAs("A value that begins with '-' follows '--': put <key> -- <value>.\n"
                        + "Without <value> and --ignore-value the value is read from standard input.");
    }

    static Command del() {
        return Command.of(
                "del",
                "del [options] <key> [range_end]",
                "Removes the specified key or range of keys [key, range_end)",
                Flag.bool("from-key", "delete keys that are greater than or equal to the given key using byte compare"),
                Flag.bool("prefix", "delete keys with matching prefix"),
                Flag.bool("prev-kv", "return deleted key-value pairs"),
                Flag.bool("range", "delete range of keys"));
    }

    static Command watch() {
        return Command.of(
                "watch",
                "watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
                "Watches events stream on keys or prefixes",
                Flag.bool("interactive", "Interactive mode").withLetter('i'),
                Flag.bool("prefix", "Watch on a prefix if prefix is set"),
                Flag.bool("prev-kv", "get the previous key-value pair before the event happens"),
                Flag.bool("progress-notify", "get periodic watch progress notification from server"),
                Flag.int64("rev", "Revision to start watching"));
    }

    private static Command alarm() {
        return Command.group(
                "alarm",
                "alarm <subcommand>",
                "Alarm related commands",
                List.of(),
                List.of(
                        Command.of("alarm disarm", "disarm", "Disarms all alarms"),
                        Command.of("alarm list", "list", "Lists all alarms")));
    }

    private static Command auth() {
        return Command.group(
                "auth",
                "auth <enable or disable>",
                "Enable or disable authentication",
                List.of(),
                List.of(
                        Command.of("auth disable", "disable", "Disables authentication"),
                        Command.of("auth enable", "enable", "Enables authentication"),
                        Command.of("auth status", "status", "Returns authentication status")));
    }

    private static Command check() {
        String loads = " workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)";
        Flag compact = Flag.bool("auto-compact", "Compact storage with last revision after test is finished.");
        Flag defrag = Flag.bool("auto-defrag", "Defragment storage after test is finished.");
        return Command.group(
                "check",
                "check <subcommand>",
                "commands for checking properties of the etcd cluster",
                List.of(),
                List.of(
                        Command.of(
                                        "check datascale",
                                        "datascale [options]",
                                        "Check the memory usage of holding data for different workloads on a given"
                                                + " server endpoint.",
                                        compact,
                                        defrag,
                                        Flag.string("load", "s", "The datascale check's" + loads),
                                        Flag.string(
                                                "prefix",
                                                "/etcdctl-check-datascale/",
                                                "The prefix for writing the datascale check's keys."))
                                .describedAs("Uses the first endpoint only."),
                        Command.of(
                                "check perf",
                                "perf [options]",
                                "Check the performance of the etcd cluster",
                                compact,
                                defrag,
                                Flag.string("load", "s", "The performance check's" + loads),
                                Flag.string(
                                        "prefix",
                                        "/etcdctl-check-perf/",
                                        "The prefix for writing the performance check's keys."))));
    }

    private static Command completion() {
        return Command.of(
                "completion",
                "completion [bash|zsh|fish|powershell]",
                "Generate completion script for the specified shell");
    }

    private static Command downgrade() {
        return Command.group(
                "downgrade",
                "downgrade <subcommand>",
                "Downgrade related commands",
                List.of(),
                List.of(
                        Command.of("downgrade cancel", "cancel", "Cancel the ongoing downgrade action to cluster"),
                        Command.of(
                                "downgrade enable", "enable <TARGET_VERSION>", "Start a downgrade action to cluster"),
                        Command.of(
                                "downgrade validate",
                                "validate <TARGET_VERSION>",
                                "Validate downgrade capability before starting downgrade")));
    }

    private static Command endpoint() {
        return Command.group(
                "endpoint",
                "endpoint <subcommand>",
                "Endpoint related commands",
                List.of(Flag.bool("cluster", "use all endpoints from the cluster member list")),
                List.of(
                        Command.of(
                                "endpoint hashkv",
                                "hashkv",
                                "Prints the KV history hash for each endpoint in --endpoints",
                                Flag.int64("rev", "maximum revision to hash (default: latest revision)")),
                        Command.of(
                                "endpoint health",
                                "health",
                                "Checks the healthiness of endpoints specified in `--endpoints` flag"),
                        Command.of(
                                        "endpoint status",
                                        "status",
                                        "Prints out the status of endpoints specified in `--endpoints` flag")
                                .describedAs("The simple format has one line per endpoint: endpoint, ID, version,"
                                        + " storage version, db size, in use, percentage not in use, quota, is leader,"
                                        + " is learner, raft term, raft index, raft applied index, errors, downgrade"
                                        + " target version, downgrade enabled.")));
    }

    private static Command lease() {
        return Command.group(
                "lease",
                "lease <subcommand>",
                "Lease related commands",
                List.of(),
                List.of(
                        Command.of("lease grant", "grant <ttl>", "Creates leases"),
                        Command.of(
                                "lease keep-alive",
                                "keep-alive [options] <leaseID>",
                                "Keeps leases alive (renew)",
                                Flag.bool(
                                        "once",
                                        "Resets the keep-alive time to its original value and exits immediately")),
                        Command.of("lease list", "list", "List all active leases"),
                        Command.of("lease revoke", "revoke <leaseID>", "Revokes leases"),
                        Command.of(
                                "lease timetolive",
                                "timetolive <leaseID> [options]",
                                "Get lease information",
                                Flag.bool("keys", "Get keys attached to this lease"))));
    }

    private static Command makeMirror() {
        return Command.of(
                "make-mirror",
                "make-mirror [options] <destination>",
                "Makes a mirror at the destination etcd cluster",
                Flag.string(
                        "dest-cacert", "", "Verify certificates of TLS enabled secure servers using this CA bundle"),
                Flag.string(
                        "dest-cert",
                        "",
                        "Identify secure client using this TLS certificate file for the destination cluster"),
                Flag.bool("dest-insecure-transport", "Disable transport security for client connections")
                        .withInitial("true"),
                Flag.string("dest-key", "", "Identify secure client using this TLS key file"),
                Flag.string(
                        "dest-password",
                        "",
                        "Destination password for authentication (if this option is used, --user option shouldn't"
                                + " include password)"),
                Flag.string(
                        "dest-prefix",
                        "",
                        "destination prefix to mirror a prefix to a different prefix in the destination cluster"),
                Flag.string(
                        "dest-user",
                        "",
                        "Destination username[:password] for authentication (prompt if password is not supplied)"),
                new Flag(
                        "max-txn-ops",
                        '\0',
                        Flag.Kind.UINT,
                        "128",
                        "Maximum number of operations permitted in a transaction during syncing updates."),
                Flag.bool("no-dest-prefix", "mirror key-values to the root of the destination cluster"),
                Flag.string("prefix", "", "Key-value prefix to mirror"),
                Flag.int64("rev", "Specify the kv revision to start to mirror"));
    }

    private static Command member() {
        return Command.group(
                "member",
                "member <subcommand>",
                "Membership related commands",
                List.of(),
                List.of(
                        Command.of(
                                "member add",
                                "add <memberName> [options]",
                                "Adds a member into the cluster",
                                Flag.bool("learner", "indicates if the new member is raft learner"),
                                Flag.string("peer-urls", "", "comma separated peer URLs for the new member.")),
                        Command.of(
                                        "member list",
                                        "list",
                                        "Lists all members in the cluster",
                                        Flag.string("consistency", "l", "Linearizable(l) or Serializable(s)"))
                                .describedAs("The simple format has one line per member: ID, Status, Name, Peer Addrs,"
                                        + " Client Addrs, Is Learner."),
                        Command.of(
                                "member promote", "promote <memberID>", "Promotes a non-voting member in the cluster"),
                        Command.of("member remove", "remove <memberID>", "Removes a member from the cluster"),
                        Command.of(
                                "member update",
                                "update <memberID> [options]",
                                "Updates a member in the cluster",
                                Flag.string("peer-urls", "", "comma separated peer URLs for the updated member."))));
    }

    private static Command role() {
        String fromKey = " a permission of keys that are greater than or equal to the given key using byte compare";
        return Command.group(
                "role",
                "role <subcommand>",
                "Role related commands",
                List.of(),
                List.of(
                        Command.of("role add", "add <role name>", "Adds a new role"),
                        Command.of("role delete", "delete <role name>", "Deletes a role"),
                        Command.of("role get", "get <role name>", "Gets detailed information of a role"),
                        Command.of(
                                "role grant-permission",
                                "grant-permission [options] <role name> <permission type> <key> [endkey]",
                                "Grants a key to a role",
                                Flag.bool("from-key", "grant" + fromKey),
                                Flag.bool("prefix", "grant a prefix permission")),
                        Command.of("role list", "list", "Lists all roles"),
                        Command.of(
                                "role revoke-permission",
                                "revoke-permission <role name> <key> [endkey]",
                                "Revokes a key from a role",
                                Flag.bool("from-key", "revoke" + fromKey),
                                Flag.bool("prefix", "revoke a prefix permission"))));
    }

    private static Command migrate() {
        return Command.of(
                "migrate",
                "migrate --from <filename> --data-dir {output dir} [options]",
                "Makes a data directory out of an etcd snapshot, or of member/snap/db of a stopped etcd",
                restoreFlags(Flag.string("from", "", "Path to the etcd file")));
    }

    private static Flag[] restoreFlags(Flag... own) {
        List<Flag> flags = new ArrayList<>(List.of(own));
        flags.add(Flag.string("data-dir", "", "Path to the output data directory"));
        flags.add(Flag.string(
                "initial-advertise-peer-urls",
                "http://localhost:2380",
                "List of this member's peer URLs to advertise to the rest of the cluster"));
        flags.add(Flag.string(
                "initial-cluster",
                "default=http://localhost:2380",
                "Initial cluster configuration for restore bootstrap"));
        flags.add(Flag.string(
                "initial-cluster-token",
                "etcd-cluster",
                "Initial cluster token for the etcd cluster during restore bootstrap"));
        flags.add(Flag.string("name", "default", "Human-readable name for this member"));
        flags.add(Flag.bool(
                "skip-hash-check", "Ignore snapshot integrity hash value (required if copied from data directory)"));
        flags.add(Flag.string("wal-dir", "", "Path to the WAL directory (use --data-dir if none given)"));
        return flags.toArray(Flag[]::new);
    }

    private static Command snapshot() {
        return Command.group(
                "snapshot",
                "snapshot <subcommand>",
                "Manages etcd node snapshots",
                List.of(),
                List.of(
                        Command.of(
                                "snapshot save",
                                "save <filename>",
                                "Stores an etcd node backend snapshot to a given file"),
                        Command.of(
                                "snapshot restore",
                                "restore <filename> --data-dir {output dir} [options]",
                                "Restores an etcd member snapshot to an etcd directory",
                                restoreFlags(
                                        new Flag(
                                                "bump-revision",
                                                '\0',
                                                Flag.Kind.UINT,
                                                "0",
                                                "How much to increase the latest revision after restore"),
                                        new Flag(
                                                "initial-memory-map-size",
                                                '\0',
                                                Flag.Kind.UINT,
                                                "0",
                                                "Taken as etcdctl takes it; here nothing is mapped into memory"),
                                        Flag.bool(
                                                "mark-compacted",
                                                "Mark the latest revision after restore as the point of scheduled"
                                                        + " compaction (required if --bump-revision > 0, disallowed"
                                                        + " otherwise)"))),
                        Command.of(
                                        "snapshot status",
                                        "status <filename>",
                                        "Gets backend snapshot status of a given file")
                                .describedAs(
                                        "When --write-out is set to simple, this command prints out comma-separated"
                                                + " status lists for each endpoint.\nThe items in the lists are hash, revision,"
                                                + " total keys, total size.")));
    }

    private static Command user() {
        return Command.group(
                "user",
                "user <subcommand>",
                "User related commands",
                List.of(),
                List.of(
                        Command.of(
                                "user add",
                                "add <user name or user:password> [options]",
                                "Adds a new user",
                                Flag.bool("interactive", "Read password from stdin instead of interactive terminal")
                                        .withInitial("true"),
                                Flag.string("new-user-password", "", "Supply password from the command line flag"),
                                Flag.bool("no-password", "Create a user without password (CN based auth only)")),
                        Command.of("user delete", "delete <user name>", "Deletes a user"),
                        Command.of(
                                "user get",
                                "get <user name> [options]",
                                "Gets detailed information of a user",
                                Flag.bool("detail", "Show permissions of roles granted to the user")),
                        Command.of("user grant-role", "grant-role <user name> <role name>", "Grants a role to a user"),
                        Command.of("user list", "list", "Lists all users"),
                        Command.of(
                                "user passwd",
                                "passwd <user name> [options]",
                                "Changes password of user",
                                Flag.bool(
                                                "interactive",
                                                "If true, read password from stdin instead of interactive terminal")
                                        .withInitial("true")),
                        Command.of(
                                "user revoke-role",
                                "revoke-role <user name> <role name>",
                                "Revokes a role from a user")));
    }
}
