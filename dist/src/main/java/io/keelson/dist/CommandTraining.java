package io.keelson.dist;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrantResponse;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.cli.KvCommandLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Does what short client commands do, so that the JVM can note down which classes they load and how their methods run:
 * the training run of the AOT cache. It talks to a server of its own on loopback that gives one fixed answer to each
 * call, because what is trained is the client.
 */
public final class CommandTraining {
    private static final int ROUNDS = 20;

    private static final List<List<String>> COMMANDS = List.of(
            List.of("put", "key", "value", "--prev-kv"),
            List.of("get", "key"),
            List.of("get", "key", "--prefix", "-w", "json"),
            List.of("get", "key", "-w", "fields", "--hex"),
            List.of("get", "key", "--print-value-only"),
            List.of("get", "key", "-w", "protobuf"),
            List.of("get", "key", "--no-such-flag"),
            List.of("del", "key", "--prefix"),
            List.of("lease", "grant", "60"),
            List.of("member", "list", "-w", "table"),
            List.of("endpoint", "status", "-w", "table"),
            List.of("endpoint", "health"),
            List.of("help", "get"),
            List.of("version"));

    private CommandTraining() {}

    /** Runs, and ends the process. */
    public static void main(String[] arguments) throws IOException {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        List.<BindableService>of(new Kv(), new Members(), new Maintenance(), new Leases())
                .forEach(builder::addService);
        KvCommandLine.prepareProcess();
        Server server = builder.build().start();
        String endpoints = "--endpoints=127.0.0.1:" + server.getPort();
        for (int round = 0; round < ROUNDS; round++) {
            for (List<String> command : COMMANDS) {
                List<String> words = new ArrayList<>(List.of("kv", endpoints));
                words.addAll(command);
                var _ = Keelson.runKv(words.toArray(String[]::new));
            }
        }
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        for (String word : List.of("--help", "version", "completion")) {
            var _ = KeelsonCommand.commandLine().setOut(nowhere).setErr(nowhere).execute(word);
        }
        server.shutdownNow();
        System.exit(0);
    }

    private static <T> void answer(StreamObserver<T> to, T answer) {
        to.onNext(answer);
        to.onCompleted();
    }

    private static ResponseHeader header() {
        return ResponseHeader.newBuilder()
                .setClusterId(1)
                .setMemberId(2)
                .setRevision(3)
                .setRaftTerm(4)
                .build();
    }

    private static final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> to) {
            KeyValue pair = KeyValue.newBuilder()
                    .setKey(request.getKey())
                    .setValue(request.getKey())
                    .setCreateRevision(1)
                    .setModRevision(2)
                    .setVersion(2)
                    .build();
            answer(
                    to,
                    RangeResponse.newBuilder()
                            .setHeader(header())
                            .addKvs(pair)
                            .setCount(1)
                            .build());
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> to) {
            answer(to, PutResponse.newBuilder().setHeader(header()).build());
        }

        @Override
        public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> to) {
            answer(
                    to,
                    DeleteRangeResponse.newBuilder()
                            .setHeader(header())
                            .setDeleted(1)
                            .build());
        }

        @Override
        public void txn(TxnRequest request, StreamObserver<TxnResponse> to) {
            TxnResponse.Builder response =
                    TxnResponse.newBuilder().setHeader(header()).setSucceeded(true);
            response.addResponsesBuilder().getResponsePutBuilder().setHeader(header());
            answer(to, response.build());
        }
    }

    private static final class Members extends ClusterGrpc.ClusterImplBase {
        @Override
        public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> to) {
            Member member = Member.newBuilder()
                    .setID(2)
                    .setName("trained")
                    .addPeerURLs("http://127.0.0.1:2380")
                    .addClientURLs("http://127.0.0.1:2379")
                    .build();
            answer(
                    to,
                    MemberListResponse.newBuilder()
                            .setHeader(header())
                            .addMembers(member)
                            .build());
        }
    }

    private static final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> to) {
            answer(
                    to,
                    StatusResponse.newBuilder()
                            .setHeader(header())
                            .setVersion("3.6.0")
                            .setDbSize(20_480)
                            .build());
        }
    }

    private static final class Leases extends LeaseGrpc.LeaseImplBase {
        @Override
        public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> to) {
            answer(
                    to,
                    LeaseGrantResponse.newBuilder()
                            .setHeader(header())
                            .setID(1)
                            .setTTL(request.getTTL())
                            .build());
        }
    }
}
