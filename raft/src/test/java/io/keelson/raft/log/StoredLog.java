package io.keelson.raft.log;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the log of a member that does not run holds, as the one who opens it next finds it.
 *
 * @param first index, and where it would begin if it has no entries
 * @param last index, 0 if it has no entries
 * @param lastTerm of the last entry, 0 if there is none
 * @param askedTerm of the entry asked for, 0 if it does not have that
 */
public record StoredLog(long first, long last, long lastTerm, long askedTerm) {
    /**
     * Opens it, which may mend its end, and closes it.
     *
     * @param folder of the log; a log that is not there is empty
     * @param asked index of the entry that is asked for, 0 for none
     */
    @SuppressWarnings("deprecation") // The library's name for it; there is no other.
    public static StoredLog read(Path folder, long asked) throws IOException {
        if (!Files.exists(folder)) {
            return new StoredLog(1, 0, 0, 0);
        }
        SegmentLogStorage log = new SegmentLogStorage(folder, false);
        LogStorageOptions options = new LogStorageOptions();
        options.setConfigurationManager(new ConfigurationManager());
        options.setLogEntryCodecFactory(LogEntryV2CodecFactory.getInstance());
        if (!log.init(options)) {
            throw new IOException(log.failure().orElse("no reason is told"));
        }
        try {
            long last = log.getLastLogIndex();
            return new StoredLog(
                    log.getFirstLogIndex(),
                    last,
                    last == 0 ? 0 : log.getTerm(last),
                    asked == 0 ? 0 : log.getTerm(asked));
        } finally {
            log.shutdown();
        }
    }
}
