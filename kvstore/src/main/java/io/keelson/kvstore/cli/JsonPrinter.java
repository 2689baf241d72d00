package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseStatus;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddResponse;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.MemberRemoveResponse;
import io.keelson.kvstore.api.MemberUpdateResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JSON, one document per response and line. With {@code --hex} the ids of members and clusters are hexadecimal. */
final class JsonPrinter extends Printer {
    private final boolean hex;

    JsonPrinter(Console console, boolean hex) {
        super(console);
        this.hex = hex;
    }

    @Override
    String formatName() {
        return "json";
    }

    @Override
    void message(Message response) {
        print(new GoJson().message(response));
    }

    @Override
    void watch(WatchResponse response) {
        GoJson json = new GoJson().beginObject();
        json.name("Header").message(response.getHeader()).name("Events");
        if (response.getCanceled() && response.getEventsCount() == 0) {
            json.nothing();
        } else {
            json.beginArray();
            response.getEventsList().forEach(json::message);
            json.endArray();
        }
        json.name("CompactRevision").number(response.getCompactRevision());
        json.name("Canceled").bool(response.getCanceled());
        print(json.name("Created").bool(response.getCreated()).endObject());
    }

    @Override
    void grant(LeaseGrantResponse response) {
        GoJson json = headerInside(response.getHeader());
        json.name("ID").number(response.getID());
        json.name("TTL").number(response.getTTL());
        print(json.name("Error").string(ByteText.ofText(response.getError())).endObject());
    }

    @Override
    void keepAlive(LeaseKeepAliveResponse response) {
        GoJson json = headerInside(response.getHeader());
        json.name("ID").number(response.getID());
        print(json.name("TTL").number(response.getTTL()).endObject());
    }

    @Override
    void timeToLive(LeaseTimeToLiveResponse response, boolean keys) {
        GoJson json = headerInside(response.getHeader());
        json.name("id").number(response.getID());
        json.name("ttl").number(response.getTTL());
        json.name("granted-ttl").number(response.getGrantedTTL());
        json.name("keys");
        if (response.getKeysCount() == 0) {
            json.nothing();
        } else {
            json.beginArray();
            for (ByteString key : response.getKeysList()) {
                json.base64(key);
            }
            json.endArray();
        }
        print(json.endObject());
    }

    @Override
    void leases(LeaseLeasesResponse response) {
        GoJson json = headerInside(response.getHeader()).name("leases").beginArray();
        for (LeaseStatus lease : response.getLeasesList()) {
            json.beginObject().name("id").number(lease.getID()).endObject();
        }
        print(json.endArray().endObject());
    }

    @Override
    void memberAdd(MemberAddResponse response) {
        members(response, response.getHeader(), response.getMember(), response.getMembersList());
    }

    @Override
    void memberRemove(long member, MemberRemoveResponse response) {
        members(response, response.getHeader(), null, response.getMembersList());
    }

    @Override
    void memberUpdate(long member, MemberUpdateResponse response) {
        members(response, response.getHeader(), null, response.getMembersList());
    }

    @Override
    void memberList(MemberListResponse response) {
        members(response, response.getHeader(), null, response.getMembersList());
    }

    @Override
    void health(List<EndpointReply.Health> replies) {
        GoJson json = new GoJson().beginArray();
        for (EndpointReply.Health reply : replies) {
            json.beginObject().name("endpoint").string(reply.endpoint());
            json.name("health").bool(reply.healthy()).name("took").string(reply.took());
            if (!reply.error().isEmpty()) {
                json.name("error").string(reply.error());
            }
            json.endObject();
        }
        print(json.endArray());
    }

    @Override
    void status(List<EndpointReply.Status> replies) {
        GoJson json = new GoJson().beginArray();
        for (EndpointReply.Status reply : replies) {
            json.beginObject().name("Endpoint").string(reply.endpoint());
            json.name("Status").message(reply.response()).endObject();
        }
        print(json.endArray());
    }

    @Override
    void hashKv(List<EndpointReply.HashKv> replies) {
        GoJson json = new GoJson().beginArray();
        for (EndpointReply.HashKv reply : replies) {
            json.beginObject().name("Endpoint").string(reply.endpoint());
            json.name("HashKV").message(reply.response()).endObject();
        }
        print(json.endArray());
    }

    @Override
    void databaseStatus(EtcdStatus status) {
        GoJson json = new GoJson().beginObject();
        json.name("hash").number(Integer.toUnsignedLong(status.hash()));
        json.name("revision").number(status.revision());
        json.name("totalKey").number(status.totalKeys());
        json.name("totalSize").number(status.totalSizeBytes());
        print(json.name("version").string(Rows.version(status)).endObject());
    }

    private void members(Message response, ResponseHeader header, @Nullable Member one, List<Member> all) {
        if (!hex) {
            message(response);
            return;
        }
        GoJson json = new GoJson().beginObject().name("header").beginObject();
        json.name("cluster_id").string(GoNumbers.hex(header.getClusterId()));
        json.name("member_id").string(GoNumbers.hex(header.getMemberId()));
        json.fields(header.toBuilder().clearClusterId().clearMemberId().build()).endObject();
        if (one != null) {
            member(json.name("member"), one);
        }
        json.name("members").beginArray();
        for (Member member : all) {
            member(json, member);
        }
        print(json.endArray().endObject());
    }

    private static void member(GoJson json, Member member) {
        json.beginObject().name("ID").string(GoNumbers.hex(member.getID()));
        json.fields(member.toBuilder().clearID().build()).endObject();
    }

    /** An object that starts with the header's fields: what Go makes of an embedded header. */
    private static GoJson headerInside(ResponseHeader header) {
        return new GoJson().beginObject().fields(header);
    }

    private void print(GoJson json) {
        console.println(json.toString());
    }
}
