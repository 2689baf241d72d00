package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.client.ClientConfig;
import io.keelson.kvstore.client.Credentials;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.client.TlsFiles;
import io.keelson.kvstore.client.Watcher;
import io.keelson.kvstore.errors.EtcdError;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code make-mirror}: copies what is under a prefix, then every change to it, until it is interrupted or fails. Each
 * change is one transaction at the destination.
 */
final class MakeMirrorCommand {
    private static final long REPORT_S = 30;
    private static final int PAGE_KEYS = 1000;

    private final Invocation call;
    private final String prefix;
    private final String destinationPrefix;
    private final long operationsMax;
    private final AtomicLong total = new AtomicLong();

    MakeMirrorCommand(Invocation call) {
        this.call = call;
        Arguments arguments = call.arguments();
        this.prefix = arguments.string("prefix");
        String given = arguments.string("dest-prefix");
        this.destinationPrefix = given.isEmpty() && !arguments.bool("no-dest-prefix") ? prefix : given;
        this.operationsMax = Math.max(1, arguments.int64("max-txn-ops"));
    }

    void run() throws InterruptedException {
        Arguments arguments = call.arguments();
        call.requireWords(1, "make-mirror takes one destination argument");
        KvClient source = call.client();
        try (KvClient destination = Invocation.open(destination())) {
            if (arguments.bool("no-dest-prefix")
                    && !arguments.string("dest-prefix").isEmpty()) {
                throw CommandFailure.badArguments(
                        "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one");
            }
            Thread reporter = Thread.ofVirtual().start(this::report);
            try {
                long revision = arguments.int64("rev") > 0 ? arguments.int64("rev") - 1 : copy(source, destination);
                follow(source, destination, revision);
            } finally {
                reporter.interrupt();
            }
        }
    }

    private ClientConfig destination() {
        Arguments arguments = call.arguments();
        TlsFiles tls = ClientSettings.tls(
                arguments,
                arguments.string("dest-cacert"),
                arguments.string("dest-cert"),
                arguments.string("dest-key"),
                arguments.bool("dest-insecure-transport"));
        Credentials credentials = ClientSettings.credentials(
                call.console(),
                arguments.string("dest-user"),
                arguments.string("dest-password"),
                "Destination Password: ");
        return ClientSettings.config(
                arguments, List.of(ByteText.toText(call.words().getFirst())), tls, credentials);
    }

    /** Prints every 30 seconds how many keys were written, and so how the first copy goes on. */
    private void report() {
        try {
            while (true) {
                Thread.sleep(TimeUnit.SECONDS.toMillis(REPORT_S));
                call.console().println(String.valueOf(total.get()));
                call.console().flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Copies all keys as they are at one revision, page by page; that revision. */
    private long copy(KvClient source, KvClient destination) {
        RangeRequest.Builder page = RangeRequest.newBuilder()
                .setKey(ByteText.bytes(prefix.isEmpty() ? KeyRanges.FIRST : prefix))
                .setRangeEnd(ByteText.bytes(prefix.isEmpty() ? KeyRanges.OPEN : KeyRanges.prefixEnd(prefix)))
                .setLimit(PAGE_KEYS);
        while (true) {
            RangeResponse response = source.read(KVGrpc.getRangeMethod(), page.build(), null);
            if (page.getRevision() == 0) {
                page.setRevision(response.getHeader().getRevision());
            }
            for (KeyValue pair : response.getKvsList()) {
                var _ = destination.write(
                        KVGrpc.getPutMethod(),
                        PutRequest.newBuilder()
                                .setKey(renamed(pair.getKey()))
                                .setValue(pair.getValue())
                                .build(),
                        null);
                total.incrementAndGet();
            }
            if (!response.getMore()) {
                return page.getRevision();
            }
            page.setKey(response.getKvs(response.getKvsCount() - 1).getKey().concat(ByteText.bytes("\0")));
        }
    }

    private void follow(KvClient source, KvClient destination, long copiedRevision) throws InterruptedException {
        WatchCreateRequest request = WatchCreateRequest.newBuilder()
                .setKey(ByteText.bytes(prefix.isEmpty() ? KeyRanges.FIRST : prefix))
                .setRangeEnd(ByteText.bytes(prefix.isEmpty() ? KeyRanges.OPEN : KeyRanges.prefixEnd(prefix)))
                .setStartRevision(copiedRevision + 1)
                .build();
        try (Watcher watcher = Watcher.open(source, request)) {
            while (true) {
                WatchResponse response = watcher.next();
                if (response.getCompactRevision() != 0) {
                    throw CommandFailure.of(ExitCode.ERROR, EtcdError.COMPACTED.text());
                }
                if (response.getCanceled()) {
                    throw CommandFailure.of(ExitCode.ERROR, ByteText.ofText(response.getCancelReason()));
                }
                apply(destination, response);
            }
        }
    }

    /** One transaction per revision, or several when it has more operations than one may have. */
    private void apply(KvClient destination, WatchResponse response) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        long revision = 0;
        for (Event event : response.getEventsList()) {
            long next = event.getKv().getModRevision();
            if (txn.getSuccessCount() > 0 && (next != revision || txn.getSuccessCount() == operationsMax)) {
                commit(destination, txn);
            }
            revision = next;
            ByteString key = renamed(event.getKv().getKey());
            if (event.getType() == Event.EventType.DELETE) {
                txn.addSuccessBuilder().getRequestDeleteRangeBuilder().setKey(key);
            } else {
                txn.addSuccessBuilder()
                        .getRequestPutBuilder()
                        .setKey(key)
                        .setValue(event.getKv().getValue());
            }
        }
        if (txn.getSuccessCount() > 0) {
            commit(destination, txn);
        }
    }

    private void commit(KvClient destination, TxnRequest.Builder txn) {
        var _ = destination.write(KVGrpc.getTxnMethod(), txn.build(), null);
        total.addAndGet(txn.getSuccessCount());
        txn.clear();
    }

    private ByteString renamed(ByteString key) {
        return ByteText.bytes(destinationPrefix).concat(key.substring(prefix.length()));
    }
}
