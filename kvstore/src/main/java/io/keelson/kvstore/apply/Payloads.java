package io.keelson.kvstore.apply;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AuthDisableRequest;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleDeleteRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthRoleRevokePermissionRequest;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserChangePasswordRequest;
import io.keelson.kvstore.api.AuthUserDeleteRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.AuthUserRevokeRoleRequest;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DowngradeRequest;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberPromoteRequest;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.TxnRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The messages that commands carry. */
final class Payloads {
    private Payloads() {}

    /**
     * The payload as a message whose byte fields refer to it; null for kinds that carry something else.
     *
     * @throws IOException if it is not one
     */
    static @Nullable MessageLite parse(Command command) throws IOException {
        Parser<? extends MessageLite> parser = parser(command.kind());
        if (parser == null) {
            return null;
        }
        CodedInputStream input = CodedInputStream.newInstance(command.payload().duplicate());
        input.enableAliasing(true);
        MessageLite message = parser.parseFrom(input, ExtensionRegistryLite.getEmptyRegistry());
        input.checkLastTagWas(0);
        return message;
    }

    private static @Nullable Parser<? extends MessageLite> parser(CommandKind kind) {
        return switch (kind) {
            case PUT -> PutRequest.parser();
            case DELETE_RANGE -> DeleteRangeRequest.parser();
            case TXN -> TxnRequest.parser();
            case COMPACT -> CompactionRequest.parser();
            case LEASE_GRANT -> LeaseGrantRequest.parser();
            case LEASE_REVOKE -> LeaseRevokeRequest.parser();
            case LEASE_RENEW, LEASE_EXPIRE, CLUSTER_VERSION -> null;
            case ALARM -> AlarmRequest.parser();
            case MEMBER_ADD, MEMBER_PUBLISH -> Member.parser();
            case MEMBER_REMOVE -> MemberRemoveRequest.parser();
            case MEMBER_UPDATE -> MemberUpdateRequest.parser();
            case MEMBER_PROMOTE -> MemberPromoteRequest.parser();
            case DOWNGRADE -> DowngradeRequest.parser();
            case AUTH_ENABLE -> AuthEnableRequest.parser();
            case AUTH_DISABLE -> AuthDisableRequest.parser();
            case AUTH_USER_ADD -> AuthUserAddRequest.parser();
            case AUTH_USER_DELETE -> AuthUserDeleteRequest.parser();
            case AUTH_USER_CHANGE_PASSWORD -> AuthUserChangePasswordRequest.parser();
            case AUTH_USER_GRANT_ROLE -> AuthUserGrantRoleRequest.parser();
            case AUTH_USER_REVOKE_ROLE -> AuthUserRevokeRoleRequest.parser();
            case AUTH_ROLE_ADD -> AuthRoleAddRequest.parser();
            case AUTH_ROLE_DELETE -> AuthRoleDeleteRequest.parser();
            case AUTH_ROLE_GRANT_PERMISSION -> AuthRoleGrantPermissionRequest.parser();
            case AUTH_ROLE_REVOKE_PERMISSION -> AuthRoleRevokePermissionRequest.parser();
            case AUTH_AUTHENTICATE -> AuthenticateRequest.parser();
        };
    }
}
