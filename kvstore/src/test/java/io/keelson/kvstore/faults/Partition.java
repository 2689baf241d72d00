package io.keelson.kvstore.faults;

import java.io.IOException;

/**
 * Cuts members off from each other by an nftables table in the network namespace of the run. Packets are told apart by
 * the user id of the process that sends them and by the peer ports, so that one loopback device serves all members.
 */
final class Partition {
    private static final String TABLE = "inet keelson_faults";

    private Partition() {}

    static void isolate(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
        heal();
        table();
        drop("meta skuid " + victim.uid() + " tcp sport " + victim.peerPort());
        for (MemberProcess other : cluster.members()) {
            if (other != victim) {
                drop("meta skuid " + victim.uid() + " tcp dport " + other.peerPort());
                drop("meta skuid " + other.uid() + " tcp dport " + victim.peerPort());
            }
        }
    }

    /** Drops so many percent of what a member sends to others, whichever side opened the connection. */
    static void muffle(MemberProcess victim, int percent) throws IOException, InterruptedException {
        heal();
        table();
        String chance = percent >= 100 ? "" : "numgen random mod 100 < " + percent + " ";
        // What a member sends that is neither to nor from its client port goes to other members.
        drop("meta skuid " + victim.uid() + " tcp sport " + victim.peerPort() + " " + chance);
        drop("meta skuid " + victim.uid() + " tcp dport 1024-65535 tcp sport != " + clientPort(victim)
                + " tcp sport != " + victim.peerPort() + " " + chance);
    }

    static void heal() throws IOException, InterruptedException {
        Processes.run("nft", "add", "table", "inet", "keelson_faults");
        Processes.run("nft", "delete", "table", "inet", "keelson_faults");
    }

    private static void table() throws IOException, InterruptedException {
        Processes.run("nft", "add table " + TABLE);
        Processes.run("nft", "add chain " + TABLE + " output { type filter hook output priority 0 ; }");
    }

    private static void drop(String match) throws IOException, InterruptedException {
        Processes.run("nft", "add rule " + TABLE + " output " + match + " drop");
    }

    private static String clientPort(MemberProcess member) {
        return member.clientEndpoint().substring(member.clientEndpoint().indexOf(':') + 1);
    }
}
