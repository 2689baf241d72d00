package io.keelson.kvstore.cli;

import com.google.protobuf.Message;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.AuthRoleGetResponse;
import io.keelson.kvstore.api.AuthRoleListResponse;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.ResponseOp;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.util.List;

/** One {@code "Name" : value} per line, every field. */
final class FieldsPrinter extends Printer {
    private final boolean hex;

    FieldsPrinter(Console console, boolean hex) {
        super(console);
        this.hex = hex;
    }

    @Override
    String formatName() {
        return "fields";
    }

    @Override
    void message(Message response) {
        throw unsupported();
    }

    @Override
    void done(String sentence, ResponseHeader header, Message response) {
        header(header);
    }

    @Override
    void get(RangeResponse response) {
        header(response.getHeader());
        response.getKvsList().forEach(pair -> keyValue("", pair));
        field("More", response.getMore());
        field("Count", response.getCount());
    }

    @Override
    void put(PutResponse response) {
        header(response.getHeader());
        if (response.hasPrevKv()) {
            keyValue("Prev", response.getPrevKv());
        }
    }

    @Override
    void delete(DeleteRangeResponse response) {
        header(response.getHeader());
        field("Deleted", response.getDeleted());
        response.getPrevKvsList().forEach(pair -> keyValue("Prev", pair));
    }

    @Override
    void txn(TxnResponse response) {
        header(response.getHeader());
        field("Succeeded", response.getSucceeded());
        for (ResponseOp answer : response.getResponsesList()) {
            switch (answer.getResponseCase()) {
                case RESPONSE_RANGE -> get(answer.getResponseRange());
                case RESPONSE_PUT -> put(answer.getResponsePut());
                case RESPONSE_DELETE_RANGE -> delete(answer.getResponseDeleteRange());
                default -> quoted("Unknown", ByteText.ofText(answer.toString()));
            }
        }
    }

    @Override
    void watch(WatchResponse response) {
        header(response.getHeader());
        for (Event event : response.getEventsList()) {
            field("Type", event.getType().name());
            if (event.hasPrevKv()) {
                keyValue("Prev", event.getPrevKv());
            }
            keyValue("", event.getKv());
        }
    }

    @Override
    void grant(LeaseGrantResponse response) {
        header(response.getHeader());
        field("ID", lease(response.getID()));
        field("TTL", response.getTTL());
    }

    @Override
    void keepAlive(LeaseKeepAliveResponse response) {
        header(response.getHeader());
        field("ID", lease(response.getID()));
        field("TTL", response.getTTL());
    }

    @Override
    void timeToLive(LeaseTimeToLiveResponse response, boolean keys) {
        header(response.getHeader());
        field("ID", lease(response.getID()));
        field("TTL", response.getTTL());
        field("GrantedTTL", response.getGrantedTTL());
        response.getKeysList().forEach(key -> quoted("Key", ByteText.of(key)));
    }

    @Override
    void leases(LeaseLeasesResponse response) {
        header(response.getHeader());
        response.getLeasesList().forEach(lease -> field("ID", lease(lease.getID())));
    }

    @Override
    void memberList(MemberListResponse response) {
        header(response.getHeader());
        for (Member member : response.getMembersList()) {
            field("ID", id(member.getID()));
            quoted("Name", ByteText.ofText(member.getName()));
            member.getPeerURLsList().forEach(url -> quoted("PeerURL", ByteText.ofText(url)));
            member.getClientURLsList().forEach(url -> quoted("ClientURL", ByteText.ofText(url)));
            field("IsLearner", member.getIsLearner());
            console.println("");
        }
    }

    @Override
    void health(List<EndpointReply.Health> replies) {
        for (EndpointReply.Health reply : replies) {
            quoted("Endpoint", reply.endpoint());
            field("Health", reply.healthy());
            field("Took", reply.took());
            field("Error", reply.error());
            console.println("");
        }
    }

    @Override
    void status(List<EndpointReply.Status> replies) {
        for (EndpointReply.Status reply : replies) {
            StatusResponse status = reply.response();
            header(status.getHeader());
            quoted("Version", ByteText.ofText(status.getVersion()));
            quoted("StorageVersion", ByteText.ofText(status.getStorageVersion()));
            field("DBSize", status.getDbSize());
            field("DBSizeInUse", status.getDbSizeInUse());
            field("DBSizeQuota", status.getDbSizeQuota());
            field("Leader", id(status.getLeader()));
            field("IsLearner", status.getIsLearner());
            field("RaftIndex", Long.toUnsignedString(status.getRaftIndex()));
            field("RaftTerm", Long.toUnsignedString(status.getRaftTerm()));
            field("RaftAppliedIndex", Long.toUnsignedString(status.getRaftAppliedIndex()));
            field("Errors", "[" + ByteText.ofText(String.join(" ", status.getErrorsList())) + "]");
            quoted("Endpoint", reply.endpoint());
            quoted(
                    "DowngradeTargetVersion",
                    ByteText.ofText(status.getDowngradeInfo().getTargetVersion()));
            field("DowngradeEnabled", status.getDowngradeInfo().getEnabled());
            console.println("");
        }
    }

    @Override
    void hashKv(List<EndpointReply.HashKv> replies) {
        for (EndpointReply.HashKv reply : replies) {
            header(reply.response().getHeader());
            quoted("Endpoint", reply.endpoint());
            field("Hash", Integer.toUnsignedString(reply.response().getHash()));
            field("HashRevision", reply.response().getHashRevision());
            console.println("");
        }
    }

    @Override
    void databaseStatus(EtcdStatus status) {
        field("Hash", Integer.toUnsignedString(status.hash()));
        field("Revision", status.revision());
        field("Keys", status.totalKeys());
        field("Size", status.totalSizeBytes());
        quoted("Version", Rows.version(status));
    }

    @Override
    void alarm(AlarmResponse response) {
        header(response.getHeader());
        for (AlarmMember alarm : response.getAlarmsList()) {
            field("MemberID", id(alarm.getMemberID()));
            field("AlarmType", alarm.getAlarm().name());
            console.println("");
        }
    }

    @Override
    void roleGet(String role, AuthRoleGetResponse response) {
        header(response.getHeader());
        for (Permission permission : response.getPermList()) {
            field("PermType", " " + permission.getPermType().name());
            quoted("Key", ByteText.of(permission.getKey()));
            quoted("RangeEnd", ByteText.of(permission.getRangeEnd()));
        }
    }

    @Override
    void roleList(AuthRoleListResponse response) {
        header(response.getHeader());
        StringBuilder roles = new StringBuilder("\"Roles\" :");
        response.getRolesList().forEach(role -> roles.append(' ').append(GoQuote.quote(ByteText.ofText(role))));
        console.println(roles.toString());
    }

    private void header(ResponseHeader header) {
        field("ClusterID", id(header.getClusterId()));
        field("MemberID", id(header.getMemberId()));
        if (header.getRevision() > 0) {
            field("Revision", header.getRevision());
        }
        field("RaftTerm", Long.toUnsignedString(header.getRaftTerm()));
    }

    private void keyValue(String prefix, KeyValue pair) {
        quoted(prefix + "Key", ByteText.of(pair.getKey()));
        field(prefix + "CreateRevision", pair.getCreateRevision());
        field(prefix + "ModRevision", pair.getModRevision());
        field(prefix + "Version", pair.getVersion());
        quoted(prefix + "Value", ByteText.of(pair.getValue()));
        field(prefix + "Lease", lease(pair.getLease()));
    }

    private String id(long id) {
        return hex ? GoNumbers.hex(id) : Long.toUnsignedString(id);
    }

    private String lease(long lease) {
        return hex ? GoNumbers.leaseHex(lease) : String.valueOf(lease);
    }

    private void quoted(String name, String bytes) {
        field(name, GoQuote.quote(bytes));
    }

    private void field(String name, long value) {
        field(name, String.valueOf(value));
    }

    private void field(String name, boolean value) {
        field(name, String.valueOf(value));
    }

    private void field(String name, String value) {
        console.println("\"" + name + "\" : " + value);
    }
}
