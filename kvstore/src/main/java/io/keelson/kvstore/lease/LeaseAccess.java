package io.keelson.kvstore.lease;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import java.util.List;

/**
 * Who may do what with leases. Every method judges the request of the current {@link io.grpc.Context} and throws an {@link
 * io.keelson.kvstore.errors.EtcdException} to refuse it.
 *
 * <p>Commands are judged again where they are carried out; reads and renewals are judged here only.
 */
public interface LeaseAccess {
    /** Whether anything is restricted at all; if not, the checks let everything through and read nothing. */
    boolean restricted();

    /** A command in the name of the request's user; refused while authentication is on and no user is known. */
    Command command(CommandKind kind, byte[] payload);

    /** Whether the request has a user, as far as one is needed. */
    void checkUser();

    /** Whether the lease may be renewed: by whoever may write every key attached to it. May block on the store. */
    void checkRenew(long leaseId);

    /** Whether these keys, attached to a lease, may be named: to whoever may read every one. */
    void checkKeys(List<ByteString> keys);

    /** Whether these leases may be listed: to whoever may read every key attached to any. May block on the store. */
    void checkList(long[] leaseIds);
}
