package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.EnumOutter.ErrorType;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.option.RaftMetaStorageOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The term and the vote, which a member must not forget. The file is replaced as a whole and synced, with its directory,
 * before the caller goes on.
 *
 * <p>When that fails, the call throws, so that no vote is given that is not on disk, and the member leaves service.
 *
 * <p>Format: magic (4 bytes), term (8), length of the vote (2), vote in ASCII, CRC-32C of all that (4).
 */
final class TermFile implements RaftMetaStorage {
    private static final int MAGIC = 0x4b52_5431;
    private static final int HEADER_BYTES = 4 + 8 + 2;
    private static final int CRC_BYTES = 4;

    private final Path file;
    private final boolean fsync;
    private volatile long term;
    private PeerId vote = PeerId.emptyPeer();
    private @Nullable NodeImpl node;

    TermFile(Path file, boolean fsync) {
        this.file = file;
        this.fsync = fsync;
    }

    /** Reads the file, if there is one. */
    void load() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_BYTES + CRC_BYTES || in.getInt() != MAGIC) {
            throw new IOException(file + ": not a term file");
        }
        long loadedTerm = in.getLong();
        int length = Short.toUnsignedInt(in.getShort());
        if (bytes.length != HEADER_BYTES + length + CRC_BYTES) {
            throw new IOException(file + ": has " + bytes.length + " bytes where its header says "
                    + (HEADER_BYTES + length + CRC_BYTES));
        }
        byte[] name = new byte[length];
        in.get(name);
        if (in.getInt() != crc(bytes)) {
            throw new IOException(file + ": damaged, the checksum does not fit");
        }
        PeerId loadedVote = PeerId.emptyPeer();
        if (!loadedVote.parse(new String(name, StandardCharsets.US_ASCII))) {
            throw new IOException(file + ": holds a vote that cannot be read");
        }
        term = loadedTerm;
        vote = loadedVote;
    }

    @Override
    public boolean init(RaftMetaStorageOptions options) {
        node = options.getNode();
        return true;
    }

    @Override
    public void shutdown() {
        // Everything is on disk already.
    }

    @Override
    public boolean setTerm(long newTerm) {
        return setTermAndVotedFor(newTerm, vote);
    }

    @Override
    public long getTerm() {
        return term;
    }

    @Override
    public boolean setVotedFor(PeerId peer) {
        return setTermAndVotedFor(term, peer);
    }

    @Override
    public PeerId getVotedFor() {
        return vote;
    }

    @Override
    public boolean setTermAndVotedFor(long newTerm, PeerId peer) {
        try {
            write(newTerm, peer);
        } catch (IOException e) {
            String text = "cannot write " + file + ": " + e.getMessage();
            if (node != null) {
                node.onError(new RaftException(ErrorType.ERROR_TYPE_META, RaftError.EIO, text.replace("%", "%%")));
            }
            throw new UncheckedIOException(text, e);
        }
        term = newTerm;
        vote = peer.copy();
        return true;
    }

    private void write(long newTerm, PeerId peer) throws IOException {
        byte[] name = peer.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[HEADER_BYTES + name.length + CRC_BYTES];
        ByteBuffer out = ByteBuffer.wrap(bytes);
        out.putInt(MAGIC).putLong(newTerm).putShort((short) name.length).put(name);
        out.putInt(crc(bytes));
        Directories.replace(file, bytes, fsync);
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CRC_BYTES);
        return (int) crc.getValue();
    }
}
