package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.AuthRoleGetResponse;
import io.keelson.kvstore.api.AuthRoleListResponse;
import io.keelson.kvstore.api.AuthStatusResponse;
import io.keelson.kvstore.api.AuthUserGetResponse;
import io.keelson.kvstore.api.AuthUserListResponse;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.DowngradeResponse;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseStatus;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.api.MemberAddResponse;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.MemberPromoteResponse;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.api.MemberUpdateResponse;
import io.keelson.kvstore.api.MoveLeaderResponse;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.ResponseOp;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.util.List;

/** Lines for people, and for scripts that read one value. */
final class SimplePrinter extends Printer {
    private final boolean hex;
    private boolean valuesOnly;

    SimplePrinter(Console console, boolean hex) {
        super(console);
        this.hex = hex;
    }

    /** From now on prints values without their keys. */
    void valuesOnly() {
        valuesOnly = true;
    }

    @Override
    String formatName() {
        return "simple";
    }

    @Override
    void message(Message response) {
        throw unsupported();
    }

    @Override
    void done(String sentence, ResponseHeader header, Message response) {
        console.println(sentence);
    }

    @Override
    void get(RangeResponse response) {
        response.getKvsList().forEach(this::keyValue);
    }

    @Override
    void put(PutResponse response) {
        console.println("OK");
        if (response.hasPrevKv()) {
            keyValue(response.getPrevKv());
        }
    }

    @Override
    void delete(DeleteRangeResponse response) {
        console.println(String.valueOf(response.getDeleted()));
        response.getPrevKvsList().forEach(this::keyValue);
    }

    @Override
    void txn(TxnResponse response) {
        console.println(response.getSucceeded() ? "SUCCESS" : "FAILURE");
        for (ResponseOp answer : response.getResponsesList()) {
            console.println("");
            switch (answer.getResponseCase()) {
                case RESPONSE_RANGE -> get(answer.getResponseRange());
                case RESPONSE_PUT -> put(answer.getResponsePut());
                case RESPONSE_DELETE_RANGE -> delete(answer.getResponseDeleteRange());
                default -> console.println("unexpected response " + ByteText.ofText(answer.toString()));
            }
        }
    }

    @Override
    void watch(WatchResponse response) {
        for (Event event : response.getEventsList()) {
            console.println(event.getType().name());
            if (event.hasPrevKv()) {
                keyValue(event.getPrevKv());
            }
            keyValue(event.getKv());
        }
    }

    @Override
    void grant(LeaseGrantResponse response) {
        console.println(
                "lease " + GoNumbers.leaseHex(response.getID()) + " granted with TTL(" + response.getTTL() + "s)");
    }

    @Override
    void keepAlive(LeaseKeepAliveResponse response) {
        console.println(
                "lease " + GoNumbers.leaseHex(response.getID()) + " keepalived with TTL(" + response.getTTL() + ")");
    }

    @Override
    void timeToLive(LeaseTimeToLiveResponse response, boolean keys) {
        String lease = "lease " + GoNumbers.leaseHex(response.getID());
        if (response.getGrantedTTL() == 0 && response.getTTL() == -1) {
            console.println(lease + " already expired");
            return;
        }
        String text =
                lease + " granted with TTL(" + response.getGrantedTTL() + "s), remaining(" + response.getTTL() + "s)";
        if (keys) {
            List<String> attached =
                    response.getKeysList().stream().map(ByteText::of).toList();
            text += ", attached keys([" + String.join(" ", attached) + "])";
        }
        console.println(text);
    }

    @Override
    void leases(LeaseLeasesResponse response) {
        console.println("found " + response.getLeasesCount() + " leases");
        for (LeaseStatus lease : response.getLeasesList()) {
            console.println(GoNumbers.leaseHex(lease.getID()));
        }
    }

    @Override
    void memberAdd(MemberAddResponse response) {
        long cluster = response.getHeader().getClusterId();
        console.println("Member " + id(response.getMember().getID()) + " added to cluster " + id(cluster));
    }

    @Override
    void memberRemove(long member, MemberRemoveResponse response) {
        long cluster = response.getHeader().getClusterId();
        console.println("Member " + id(member) + " removed from cluster " + id(cluster));
    }

    @Override
    void memberUpdate(long member, MemberUpdateResponse response) {
        long cluster = response.getHeader().getClusterId();
        console.println("Member " + id(member) + " updated in cluster " + id(cluster));
    }

    @Override
    void memberPromote(long member, MemberPromoteResponse response) {
        long cluster = response.getHeader().getClusterId();
        console.println("Member " + id(member) + " promoted in cluster " + id(cluster));
    }

    @Override
    void memberList(MemberListResponse response) {
        lines(Rows.members(response));
    }

    @Override
    void health(List<EndpointReply.Health> replies) {
        for (EndpointReply.Health reply : replies) {
            if (reply.error().isEmpty()) {
                console.println(
                        reply.endpoint() + " is healthy: successfully committed proposal: took = " + reply.took());
            } else {
                console.errorln(reply.endpoint() + " is unhealthy: failed to commit proposal: " + reply.error());
            }
        }
    }

    @Override
    void status(List<EndpointReply.Status> replies) {
        lines(Rows.status(replies));
    }

    @Override
    void hashKv(List<EndpointReply.HashKv> replies) {
        lines(Rows.hashes(replies));
    }

    @Override
    void databaseStatus(EtcdStatus status) {
        lines(Rows.database(status));
    }

    @Override
    void moveLeader(long leader, long target, MoveLeaderResponse response) {
        console.println("Leadership transferred from " + GoNumbers.hex(leader) + " to " + GoNumbers.hex(target));
    }

    @Override
    void alarm(AlarmResponse response) {
        for (AlarmMember alarm : response.getAlarmsList()) {
            String member =
                    alarm.getMemberID() == 0 ? "" : "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " ";
            String kind = alarm.getAlarmValue() == 0
                    ? ""
                    : "alarm:" + alarm.getAlarm().name() + " ";
            console.println(member + kind);
        }
    }

    @Override
    void downgrade(String action, DowngradeResponse response) {
        console.println("Downgrade " + action + " success, cluster version " + ByteText.ofText(response.getVersion()));
    }

    @Override
    void authStatus(AuthStatusResponse response) {
        console.println("Authentication Status: " + response.getEnabled());
        console.println("AuthRevision: " + Long.toUnsignedString(response.getAuthRevision()));
    }

    @Override
    void roleGet(String role, AuthRoleGetResponse response) {
        console.println("Role " + role);
        console.println("KV Read:");
        permissions(response, Permission.Type.READ);
        console.println("KV Write:");
        permissions(response, Permission.Type.WRITE);
    }

    private void permissions(AuthRoleGetResponse response, Permission.Type type) {
        for (Permission permission : response.getPermList()) {
            if (permission.getPermType() != type && permission.getPermType() != Permission.Type.READWRITE) {
                continue;
            }
            String key = ByteText.of(permission.getKey());
            String end = ByteText.of(permission.getRangeEnd());
            if (end.isEmpty()) {
                console.println("\t" + key);
                continue;
            }
            String range = KeyRanges.shown(key, end);
            boolean prefix = KeyRanges.prefixEnd(key).equals(end);
            console.println("\t" + range + (prefix ? " (prefix " + key + ")" : ""));
        }
    }

    @Override
    void roleList(AuthRoleListResponse response) {
        response.getRolesList().forEach(role -> console.println(ByteText.ofText(role)));
    }

    @Override
    void userGet(String user, AuthUserGetResponse response) {
        StringBuilder roles = new StringBuilder("Roles:");
        response.getRolesList().forEach(role -> roles.append(' ').append(ByteText.ofText(role)));
        console.println("User: " + user);
        console.println(roles.toString());
    }

    @Override
    void userList(AuthUserListResponse response) {
        response.getUsersList().forEach(user -> console.println(ByteText.ofText(user)));
    }

    private void keyValue(KeyValue pair) {
        if (!valuesOnly) {
            console.println(shown(pair.getKey()));
        }
        console.println(shown(pair.getValue()));
    }

    private String shown(ByteString bytes) {
        if (!hex) {
            return ByteText.of(bytes);
        }
        StringBuilder escaped = new StringBuilder(4 * bytes.size());
        for (int i = 0; i < bytes.size(); i++) {
            escaped.append("\\x");
            escaped.append(Character.forDigit((bytes.byteAt(i) >> 4) & 0xf, 16));
            escaped.append(Character.forDigit(bytes.byteAt(i) & 0xf, 16));
        }
        return escaped.toString();
    }

    private void lines(List<List<String>> rows) {
        rows.forEach(row -> console.println(String.join(", ", row)));
    }

    /** An id as 16 characters, filled with spaces on the left. */
    private static String id(long id) {
        String digits = GoNumbers.hex(id);
        return " ".repeat(16 - digits.length()) + digits;
    }
}
