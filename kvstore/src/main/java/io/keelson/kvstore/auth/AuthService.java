package io.keelson.kvstore.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.AuthDisableRequest;
import io.keelson.kvstore.api.AuthDisableResponse;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthEnableResponse;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleAddResponse;
import io.keelson.kvstore.api.AuthRoleDeleteRequest;
import io.keelson.kvstore.api.AuthRoleDeleteResponse;
import io.keelson.kvstore.api.AuthRoleGetRequest;
import io.keelson.kvstore.api.AuthRoleGetResponse;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionResponse;
import io.keelson.kvstore.api.AuthRoleListRequest;
import io.keelson.kvstore.api.AuthRoleListResponse;
import io.keelson.kvstore.api.AuthRoleRevokePermissionRequest;
import io.keelson.kvstore.api.AuthRoleRevokePermissionResponse;
import io.keelson.kvstore.api.AuthStatusRequest;
import io.keelson.kvstore.api.AuthStatusResponse;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserAddResponse;
import io.keelson.kvstore.api.AuthUserChangePasswordRequest;
import io.keelson.kvstore.api.AuthUserChangePasswordResponse;
import io.keelson.kvstore.api.AuthUserDeleteRequest;
import io.keelson.kvstore.api.AuthUserDeleteResponse;
import io.keelson.kvstore.api.AuthUserGetRequest;
import io.keelson.kvstore.api.AuthUserGetResponse;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleResponse;
import io.keelson.kvstore.api.AuthUserListRequest;
import io.keelson.kvstore.api.AuthUserListResponse;
import io.keelson.kvstore.api.AuthUserRevokeRoleRequest;
import io.keelson.kvstore.api.AuthUserRevokeRoleResponse;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.api.AuthenticateResponse;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.server.Answers;
import io.keelson.kvstore.server.Headers;
import io.keelson.kvstore.server.Proposals;
import io.keelson.kvstore.server.ReadPoints;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC service {@code etcdserverpb.Auth}. Passwords are hashed and checked here and go no further: into the log go
 * hashes, and of an authentication only that it succeeded.
 */
public final class AuthService extends AuthGrpc.AuthImplBase {
    /** How often an authentication is repeated because users or roles changed while the password was checked. */
    static final int AUTHENTICATIONS_MAX = 10;

    private static final Logger log = LoggerFactory.getLogger(AuthService.class);

    /** What the root role permits, whether or not it exists. */
    private static final Permission EVERYTHING = Permission.newBuilder()
            .setPermType(Permission.Type.READWRITE)
            .setRangeEnd(ByteString.copyFrom(new byte[] {0}))
            .build();

    private final AuthStore store;
    private final Authorizer authorizer;
    private final Tokens tokens;
    private final Passwords passwords;
    private final Proposals proposals;
    private final ReadPoints readPoints;
    private final Headers headers;

    public AuthService(
            AuthStore store,
            Authorizer authorizer,
            Tokens tokens,
            Passwords passwords,
            Proposals proposals,
            ReadPoints readPoints,
            Headers headers) {
        this.store = store;
        this.authorizer = authorizer;
        this.tokens = tokens;
        this.passwords = passwords;
        this.proposals = proposals;
        this.readPoints = readPoints;
        this.headers = headers;
    }

    @Override
    public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> client) {
        change(
                client,
                CommandKind.AUTH_ENABLE,
                request,
                header -> AuthEnableResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> client) {
        change(
                client,
                CommandKind.AUTH_DISABLE,
                request,
                header -> AuthDisableResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> client) {
        read(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            AuthView view = store.view();
            return AuthStatusResponse.newBuilder()
                    .setHeader(headers.header())
                    .setEnabled(view.enabled())
                    .setAuthRevision(view.revision())
                    .build();
        });
    }

    /** Needs no credential: it is how one is had. */
    @Override
    public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> client) {
        Answers.send(client, () -> readPoints.linearizable().thenCompose(_ -> authenticate(request, 1)));
    }

    private CompletableFuture<AuthenticateResponse> authenticate(AuthenticateRequest request, int attempt) {
        AuthView view = store.view();
        if (!view.enabled()) {
            return CompletableFuture.failedFuture(EtcdError.AUTH_NOT_ENABLED.exception());
        }
        User user = view.user(request.getName());
        boolean usable = user != null && !user.getOptions().getNoPassword();
        return passwords
                .matches(user != null && usable ? user.getPassword() : null, request.getPassword())
                .thenCompose(matches -> {
                    if (!matches) {
                        log.warn("a wrong name or password was given for user '{}'", shortened(request.getName()));
                        return CompletableFuture.failedFuture(EtcdError.AUTH_FAILED.exception());
                    }
                    return token(request.getName(), view.revision());
                })
                .thenCompose(answer -> {
                    if (store.view().revision() == view.revision()) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    // The password that was checked may have been changed before the token was assigned.
                    return attempt < AUTHENTICATIONS_MAX
                            ? authenticate(request, attempt + 1)
                            : CompletableFuture.failedFuture(EtcdError.AUTH_OLD_REVISION.exception());
                });
    }

    /** A name that a stranger gave, fit for the log. */
    private static String shortened(String name) {
        String start = name.length() <= 64 ? name : name.substring(0, 64) + "…";
        return start.replaceAll("\\p{Cntrl}", "?");
    }

    private CompletableFuture<AuthenticateResponse> token(String user, long authRevision) {
        return switch (tokens) {
            case JwtTokens jwt
            when jwt.signs() ->
                CompletableFuture.completedFuture(AuthenticateResponse.newBuilder()
                        .setHeader(headers.header())
                        .setToken(jwt.sign(user, authRevision))
                        .build());
            case JwtTokens _ ->
                CompletableFuture.failedFuture(Status.UNKNOWN
                        .withDescription("auth: token signing attempted with verify-only key")
                        .asRuntimeException());
            case SimpleTokens simple -> assigned(user, simple.newPrefix());
        };
    }

    private CompletableFuture<AuthenticateResponse> assigned(String user, String prefix) {
        AuthenticateRequest assignment = AuthenticateRequest.newBuilder()
                .setName(user)
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                AuthStore.TOKEN_FIELD,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFromUtf8(prefix))
                                        .build())
                        .build())
                .build();
        return proposals
                .propose(Command.of(CommandKind.AUTH_AUTHENTICATE, assignment.toByteArray()))
                .thenApply(result -> {
                    try {
                        return AuthenticateResponse.parseFrom(result.body()).toBuilder()
                                .setHeader(headers.header(result.revision()))
                                .build();
                    } catch (InvalidProtocolBufferException e) {
                        throw new IllegalStateException("the answer to an authentication cannot be read", e);
                    }
                });
    }

    @Override
    public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> client) {
        Function<ResponseHeader, AuthUserAddResponse> respond =
                header -> AuthUserAddResponse.newBuilder().setHeader(header).build();
        if (request.getOptions().getNoPassword()) {
            AuthUserAddRequest without =
                    request.toBuilder().clearPassword().clearHashedPassword().build();
            change(client, CommandKind.AUTH_USER_ADD, without, respond);
            return;
        }
        changeWithHash(
                client,
                CommandKind.AUTH_USER_ADD,
                request.getPassword(),
                hash -> request.toBuilder()
                        .clearPassword()
                        .setHashedPassword(hash)
                        .build(),
                respond);
    }

    @Override
    public void userChangePassword(
            AuthUserChangePasswordRequest request, StreamObserver<AuthUserChangePasswordResponse> client) {
        Function<ResponseHeader, AuthUserChangePasswordResponse> respond = header ->
                AuthUserChangePasswordResponse.newBuilder().setHeader(header).build();
        if (request.getPassword().isEmpty()) {
            // Without a password and without a hash nobody can authenticate as this user any more, as in etcd.
            if (!request.getHashedPassword().isEmpty() && !acceptable(request.getHashedPassword())) {
                client.onError(EtcdError.INVALID_AUTH_MGMT.status().asRuntimeException());
                return;
            }
            change(client, CommandKind.AUTH_USER_CHANGE_PASSWORD, request, respond);
            return;
        }
        changeWithHash(
                client,
                CommandKind.AUTH_USER_CHANGE_PASSWORD,
                request.getPassword(),
                hash -> request.toBuilder()
                        .clearPassword()
                        .setHashedPassword(hash)
                        .build(),
                respond);
    }

    private boolean acceptable(String hashedPassword) {
        try {
            return passwords.accepts(ByteString.copyFrom(Base64.getDecoder().decode(hashedPassword)));
        } catch (IllegalArgumentException e) {
            // Not base64, so no hash either.
            return false;
        }
    }

    @Override
    public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> client) {
        read(client, () -> {
            RequestUser asking = authorizer.user();
            if (!asking.known() || !asking.name().equals(request.getName())) {
                authorizer.checkAdmin(asking);
            }
            User user = store.view().user(request.getName());
            if (user == null) {
                throw EtcdError.USER_NOT_FOUND.exception();
            }
            return AuthUserGetResponse.newBuilder()
                    .setHeader(headers.header())
                    .addAllRoles(user.getRolesList())
                    .build();
        });
    }

    @Override
    public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> client) {
        read(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            return AuthUserListResponse.newBuilder()
                    .setHeader(headers.header())
                    .addAllUsers(store.view().userNames())
                    .build();
        });
    }

    @Override
    public void userDelete(AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> client) {
        change(
                client,
                CommandKind.AUTH_USER_DELETE,
                request,
                header -> AuthUserDeleteResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void userGrantRole(AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> client) {
        change(
                client,
                CommandKind.AUTH_USER_GRANT_ROLE,
                request,
                header ->
                        AuthUserGrantRoleResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void userRevokeRole(AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> client) {
        change(
                client,
                CommandKind.AUTH_USER_REVOKE_ROLE,
                request,
                header -> AuthUserRevokeRoleResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    @Override
    public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> client) {
        change(
                client,
                CommandKind.AUTH_ROLE_ADD,
                request,
                header -> AuthRoleAddResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> client) {
        read(client, () -> {
            RequestUser asking = authorizer.user();
            AuthView view = store.view();
            User self = asking.known() ? view.user(asking.name()) : null;
            if (self == null || !self.getRolesList().contains(request.getRole())) {
                authorizer.checkAdmin(asking);
            }
            Role role = view.role(request.getRole());
            if (role == null) {
                throw EtcdError.ROLE_NOT_FOUND.exception();
            }
            AuthRoleGetResponse.Builder answer =
                    AuthRoleGetResponse.newBuilder().setHeader(headers.header());
            if (request.getRole().equals(AuthView.ROOT)) {
                answer.addPerm(EVERYTHING);
            } else {
                answer.addAllPerm(role.getKeyPermissionList());
            }
            return answer.build();
        });
    }

    @Override
    public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> client) {
        read(client, () -> {
            authorizer.checkAdmin(authorizer.user());
            return AuthRoleListResponse.newBuilder()
                    .setHeader(headers.header())
                    .addAllRoles(store.view().roleNames())
                    .build();
        });
    }

    @Override
    public void roleDelete(AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> client) {
        change(
                client,
                CommandKind.AUTH_ROLE_DELETE,
                request,
                header -> AuthRoleDeleteResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void roleGrantPermission(
            AuthRoleGrantPermissionRequest request, StreamObserver<AuthRoleGrantPermissionResponse> client) {
        change(
                client,
                CommandKind.AUTH_ROLE_GRANT_PERMISSION,
                request,
                header -> AuthRoleGrantPermissionResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    @Override
    public void roleRevokePermission(
            AuthRoleRevokePermissionRequest request, StreamObserver<AuthRoleRevokePermissionResponse> client) {
        change(
                client,
                CommandKind.AUTH_ROLE_REVOKE_PERMISSION,
                request,
                header -> AuthRoleRevokePermissionResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    private <T> void change(
            StreamObserver<T> client, CommandKind kind, MessageLite request, Function<ResponseHeader, T> respond) {
        Answers.send(client, () -> {
            RequestUser user = authorizer.user();
            authorizer.checkAdmin(user);
            return propose(user, kind, request, respond);
        });
    }

    /** Whether the client may ask at all is found out before any work is put into its password. */
    private <T> void changeWithHash(
            StreamObserver<T> client,
            CommandKind kind,
            String password,
            Function<String, MessageLite> request,
            Function<ResponseHeader, T> respond) {
        Answers.send(client, () -> {
            RequestUser user = authorizer.user();
            authorizer.checkAdmin(user);
            return passwords.hash(password).thenCompose(hash -> {
                String encoded = Base64.getEncoder().encodeToString(hash.toByteArray());
                return propose(user, kind, request.apply(encoded), respond);
            });
        });
    }

    private <T> CompletableFuture<T> propose(
            RequestUser user, CommandKind kind, MessageLite request, Function<ResponseHeader, T> respond) {
        Command command = new Command(kind, user.name(), user.authRevision(), ByteBuffer.wrap(request.toByteArray()));
        return proposals.propose(command).thenApply(result -> respond.apply(headers.header(result.revision())));
    }

    private <T> void read(StreamObserver<T> client, Supplier<T> work) {
        Answers.send(client, () -> readPoints.read(work));
    }
}
