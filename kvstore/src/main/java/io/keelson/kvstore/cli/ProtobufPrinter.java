package io.keelson.kvstore.cli;

import com.google.protobuf.Message;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseKeepAliveResponse;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.LeaseTimeToLiveResponse;
import io.keelson.kvstore.api.WatchResponse;
import java.util.List;

/**
 * The bytes of each response. Of the lease responses etcdctl writes only the header (its Go types embed it, and so
 * inherit its encoding); whoever parses that output expects it.
 */
final class ProtobufPrinter extends Printer {
    ProtobufPrinter(Console console) {
        super(console);
    }

    @Override
    String formatName() {
        return "protobuf";
    }

    @Override
    void message(Message response) {
        console.printBytes(response.toByteArray());
    }

    @Override
    void watch(WatchResponse response) {
        message(response.toBuilder().clearWatchId().clearFragment().build());
    }

    @Override
    void grant(LeaseGrantResponse response) {
        message(response.getHeader());
    }

    @Override
    void keepAlive(LeaseKeepAliveResponse response) {
        message(response.getHeader());
    }

    @Override
    void timeToLive(LeaseTimeToLiveResponse response, boolean keys) {
        message(response.getHeader());
    }

    @Override
    void leases(LeaseLeasesResponse response) {
        message(response.getHeader());
    }

    @Override
    void health(List<EndpointReply.Health> replies) {
        throw unsupported();
    }

    @Override
    void status(List<EndpointReply.Status> replies) {
        throw unsupported();
    }

    @Override
    void hashKv(List<EndpointReply.HashKv> replies) {
        throw unsupported();
    }
}
