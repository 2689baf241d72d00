package io.keelson.kvstore.cli;

import com.google.protobuf.Message;
import io.keelson.kvstore.api.AlarmResponse;
import io.keelson.kvstore.api.AuthRoleGetResponse;
import io.keelson.kvstore.api.AuthRoleListResponse;
import io.keelson.kvstore.api.AuthStatusResponse;
import io.keelson.kvstore.api.AuthUserGetResponse;
import io.keelson.kvstore.api.AuthUserListResponse;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.DowngradeResponse;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.api.MemberAddResponse;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.MemberPromoteResponse;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.api.MemberUpdateResponse;
import io.keelson.kvstore.api.MoveLeaderResponse;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.util.List;

/**
 * One output format. A format shows in its own way what it overrides; what it has no way for it passes to
 * {@link #message}, and {@link #unsupported} ends the command as etcdctl does.
 */
abstract class Printer {
    final Console console;

    Printer(Console console) {
        this.console = console;
    }

    /** The format that {@code --write-out} and {@code --hex} ask for. */
    static Printer of(Arguments arguments, Console console) {
        boolean hex = arguments.bool("hex");
        return switch (arguments.string("write-out")) {
            case "simple" -> new SimplePrinter(console, hex);
            case "fields" -> new FieldsPrinter(console, hex);
            case "json" -> new JsonPrinter(console, hex);
            case "protobuf" -> new ProtobufPrinter(console);
            case "table" -> new TablePrinter(console);
            default -> throw CommandFailure.of(ExitCode.BAD_FEATURE, "unsupported output format");
        };
    }

    /** Prints a response that this format has no form of its own for. */
    abstract void message(Message response);

    abstract String formatName();

    final CommandFailure unsupported() {
        return CommandFailure.of(ExitCode.BAD_FEATURE, formatName() + " not supported as output format");
    }

    /**
     * Something was done, of which the response tells no more than its header.
     *
     * @param sentence what was done, for people
     */
    void done(String sentence, ResponseHeader header, Message response) {
        message(response);
    }

    void get(RangeResponse response) {
        message(response);
    }

    void put(PutResponse response) {
        message(response);
    }

    void delete(DeleteRangeResponse response) {
        message(response);
    }

    void txn(TxnResponse response) {
        message(response);
    }

    void watch(WatchResponse response) {
        message(response);
    }

    void grant(LeaseGrantResponse response) {
        message(response);
    }

    void keepAlive(LeaseKeepAliveResponse response) {
        message(response);
    }

    void timeToLive(LeaseTimeToLiveResponse response, boolean keys) {
        message(response);
    }

    void leases(LeaseLeasesResponse response) {
        message(response);
    }

    void memberAdd(MemberAddResponse response) {
        message(response);
    }

    void memberRemove(long member, MemberRemoveResponse response) {
        message(response);
    }

    void memberUpdate(long member, MemberUpdateResponse response) {
        message(response);
    }

    void memberPromote(long member, MemberPromoteResponse response) {
        message(response);
    }

    void memberList(MemberListResponse response) {
        message(response);
    }

    abstract void health(List<EndpointReply.Health> replies);

    abstract void status(List<EndpointReply.Status> replies);

    abstract void hashKv(List<EndpointReply.HashKv> replies);

    void databaseStatus(EtcdStatus status) {
        throw unsupported();
    }

    void moveLeader(long leader, long target, MoveLeaderResponse response) {
        message(response);
    }

    void alarm(AlarmResponse response) {
        message(response);
    }

    void downgrade(String action, DowngradeResponse response) {
        message(response);
    }

    void authStatus(AuthStatusResponse response) {
        message(response);
    }

    void roleGet(String role, AuthRoleGetResponse response) {
        message(response);
    }

    void roleList(AuthRoleListResponse response) {
        message(response);
    }

    void userGet(String user, AuthUserGetResponse response) {
        message(response);
    }

    void userList(AuthUserListResponse response) {
        message(response);
    }
}
