package io.keelson.kvstore.watch;

import io.keelson.kvstore.api.WatchCreateRequest;

/** What other threads ask of the dispatcher. */
sealed interface DispatchCommand {
    /** A stream was opened. */
    record Open(WatchStream handle) implements DispatchCommand {}

    /** The client asks for a watch. */
    record Create(WatchStream handle, WatchCreateRequest request) implements DispatchCommand {}

    /** The client ends a watch. */
    record Cancel(WatchStream handle, long watchId) implements DispatchCommand {}

    /** The client asks how far its watches are. */
    record Progress(WatchStream handle) implements DispatchCommand {}

    /** The client sent a request that asks for nothing. */
    record Nothing(WatchStream handle) implements DispatchCommand {}

    /** The transport takes more again. */
    record Ready(WatchStream handle) implements DispatchCommand {}

    /** The transport closed the stream. */
    record Close(WatchStream handle) implements DispatchCommand {}

    /** A read of the past is done. */
    record ReadDone(HistoryRead read) implements DispatchCommand {}
}
