package io.keelson.benchmarks.load;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongConsumer;

/** Looks into encoded responses without building objects: the client's cost must not hide the server's. */
final class Fields {
    private static final int RANGE_KVS = 2;
    private static final int WATCH_CREATED = 3;
    private static final int WATCH_CANCELED = 4;
    private static final int WATCH_EVENTS = 11;
    private static final int EVENT_KV = 2;
    private static final int KV_VALUE = 5;

    private Fields() {}

    /** How many key-values a {@code RangeResponse} holds. */
    static long countKeyValues(byte[] rangeResponse) {
        CodedInputStream in = CodedInputStream.newInstance(rangeResponse);
        long count = 0;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == RANGE_KVS) {
                    count++;
                }
                in.skipField(tag);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("not a RangeResponse", e);
        }
        return count;
    }

    /** Whether a {@code WatchResponse} says that a watch was created, and not in the same breath that it is canceled. */
    static boolean createsWatch(byte[] watchResponse) {
        CodedInputStream in = CodedInputStream.newInstance(watchResponse);
        boolean created = false;
        boolean canceled = false;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case WATCH_CREATED -> created = in.readBool();
                    case WATCH_CANCELED -> canceled = in.readBool();
                    default -> in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("not a WatchResponse", e);
        }
        return created && !canceled;
    }

    /** Gives the first 8 bytes of each event's value, big-endian, to {@code stamps}; returns how many events there are. */
    static long watchEvents(byte[] watchResponse, LongConsumer stamps) {
        CodedInputStream in = CodedInputStream.newInstance(watchResponse);
        long count = 0;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) != WATCH_EVENTS) {
                    in.skipField(tag);
                    continue;
                }
                count++;
                int eventLimit = in.pushLimit(in.readRawVarint32());
                for (int eventTag = in.readTag(); eventTag != 0; eventTag = in.readTag()) {
                    if (WireFormat.getTagFieldNumber(eventTag) != EVENT_KV) {
                        in.skipField(eventTag);
                        continue;
                    }
                    int kvLimit = in.pushLimit(in.readRawVarint32());
                    for (int kvTag = in.readTag(); kvTag != 0; kvTag = in.readTag()) {
                        if (WireFormat.getTagFieldNumber(kvTag) != KV_VALUE) {
                            in.skipField(kvTag);
                            continue;
                        }
                        int length = in.readRawVarint32();
                        if (length >= Long.BYTES) {
                            stamps.accept(Long.reverseBytes(in.readRawLittleEndian64()));
                            in.skipRawBytes(length - Long.BYTES);
                        } else {
                            in.skipRawBytes(length);
                        }
                    }
                    in.popLimit(kvLimit);
                }
                in.popLimit(eventLimit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("not a WatchResponse", e);
        }
        return count;
    }
}
