package io.keelson.kvstore.watch;

/**
 * Limits and intervals of watching. Everything that could grow has its bound here.
 *
 * @param windowRevisionsMax revisions kept in memory for watches that are a little behind; rounded up to a power of two
 * @param windowBytesMax the same, in bytes, counting keys, values, and their encoded form; a revision larger than this is
 *     not kept at all and read from the store by every watch that wants it
 * @param responseBytesMax a response stops collecting further revisions once it holds so many bytes of events; a single
 *     revision may exceed it
 * @param fragmentBytesMax responses of watches created with {@code fragment} are split so as to stay below this, unless
 *     a single event is larger
 * @param watchesPerStreamMax a further watch on a stream is refused
 * @param watchesMax a further watch on any stream is refused
 * @param streamsMax a further stream is refused
 * @param progressNotifyIntervalMs how often an idle watch created with {@code progress_notify} is told how far it is;
 *     up to a tenth more, so that streams opened together do not report together
 * @param catchUpThreads threads that read the past from the store
 * @param coalesceMicrosMax how long a round of deliveries may be held back after a round that reached many watches, so
 *     that more revisions share a response; 0 never holds back
 */
public record WatchConfig(
        int windowRevisionsMax,
        long windowBytesMax,
        int responseBytesMax,
        int fragmentBytesMax,
        int watchesPerStreamMax,
        int watchesMax,
        int streamsMax,
        long progressNotifyIntervalMs,
        int catchUpThreads,
        long coalesceMicrosMax) {
    /** What etcd allows a message on top of the largest request. */
    public static final int MESSAGE_OVERHEAD_BYTES = 512 * 1024;

    /** The shortest interval of progress reports. */
    public static final long PROGRESS_NOTIFY_INTERVAL_MS_MIN = 100;

    private static final int REQUEST_BYTES_MAX = 1536 * 1024;

    public WatchConfig {
        require(windowRevisionsMax > 0 && windowRevisionsMax <= 1 << 26, "windowRevisionsMax");
        require(windowBytesMax > 0, "windowBytesMax");
        require(responseBytesMax > 0, "responseBytesMax");
        require(fragmentBytesMax > 0, "fragmentBytesMax");
        require(watchesPerStreamMax > 0, "watchesPerStreamMax");
        require(watchesMax > 0, "watchesMax");
        require(streamsMax > 0, "streamsMax");
        require(progressNotifyIntervalMs >= PROGRESS_NOTIFY_INTERVAL_MS_MIN, "progressNotifyIntervalMs");
        require(catchUpThreads > 0, "catchUpThreads");
        require(coalesceMicrosMax >= 0, "coalesceMicrosMax");
    }

    private static void require(boolean fits, String name) {
        if (!fits) {
            throw new IllegalArgumentException("watch: " + name + " is out of range");
        }
    }

    /** What a server uses unless its flags say otherwise. */
    public static WatchConfig defaults() {
        return new WatchConfig(
                1 << 16,
                64L << 20,
                256 * 1024,
                REQUEST_BYTES_MAX + MESSAGE_OVERHEAD_BYTES,
                1 << 16,
                1 << 20,
                1 << 16,
                600_000,
                2,
                5_000);
    }

    /** With the interval of {@code --watch-progress-notify-interval}; one that is too short becomes the shortest. */
    public WatchConfig withProgressNotifyIntervalMs(long intervalMs) {
        return new WatchConfig(
                windowRevisionsMax,
                windowBytesMax,
                responseBytesMax,
                fragmentBytesMax,
                watchesPerStreamMax,
                watchesMax,
                streamsMax,
                Math.max(PROGRESS_NOTIFY_INTERVAL_MS_MIN, intervalMs),
                catchUpThreads,
                coalesceMicrosMax);
    }

    /** With fragments sized for {@code --max-request-bytes}. */
    public WatchConfig withRequestBytesMax(int requestBytesMax) {
        return withFragmentBytesMax((int) Math.min(Integer.MAX_VALUE, (long) requestBytesMax + MESSAGE_OVERHEAD_BYTES));
    }

    /** With fragments of so many bytes. */
    public WatchConfig withFragmentBytesMax(int bytesMax) {
        return new WatchConfig(
                windowRevisionsMax,
                windowBytesMax,
                responseBytesMax,
                bytesMax,
                watchesPerStreamMax,
                watchesMax,
                streamsMax,
                progressNotifyIntervalMs,
                catchUpThreads,
                coalesceMicrosMax);
    }

    /** With a window of so many bytes. */
    public WatchConfig withWindowBytes(long bytesMax) {
        return withWindow(windowRevisionsMax, bytesMax);
    }

    /** With a window of this size. */
    public WatchConfig withWindow(int revisionsMax, long bytesMax) {
        return new WatchConfig(
                revisionsMax,
                bytesMax,
                responseBytesMax,
                fragmentBytesMax,
                watchesPerStreamMax,
                watchesMax,
                streamsMax,
                progressNotifyIntervalMs,
                catchUpThreads,
                coalesceMicrosMax);
    }

    /** With responses that collect so many bytes. */
    public WatchConfig withResponseBytesMax(int bytesMax) {
        return new WatchConfig(
                windowRevisionsMax,
                windowBytesMax,
                bytesMax,
                fragmentBytesMax,
                watchesPerStreamMax,
                watchesMax,
                streamsMax,
                progressNotifyIntervalMs,
                catchUpThreads,
                coalesceMicrosMax);
    }

    /** With these numbers of watches and streams. */
    public WatchConfig withLimits(int perStreamMax, int totalMax, int openStreamsMax) {
        return new WatchConfig(
                windowRevisionsMax,
                windowBytesMax,
                responseBytesMax,
                fragmentBytesMax,
                perStreamMax,
                totalMax,
                openStreamsMax,
                progressNotifyIntervalMs,
                catchUpThreads,
                coalesceMicrosMax);
    }

    /** With deliveries held back for at most so long. */
    public WatchConfig withCoalesceMicrosMax(long microsMax) {
        return new WatchConfig(
                windowRevisionsMax,
                windowBytesMax,
                responseBytesMax,
                fragmentBytesMax,
                watchesPerStreamMax,
                watchesMax,
                streamsMax,
                progressNotifyIntervalMs,
                catchUpThreads,
                microsMax);
    }
}
