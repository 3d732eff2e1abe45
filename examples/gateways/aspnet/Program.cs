// An ASP.NET Core 8 service (Microsoft.AspNetCore.Authentication.JwtBearer) behind any gateway that passes `Authorization`
// on. It verifies the token again, offline, so that nobody who reaches it round the gateway is believed.
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

// As Countersign states them: PUBLIC_URL and JWT_AUDIENCE.
const string Issuer = "https://auth.example.com";
const string Audience = "api";

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
{
    // The keys come from the metadata of the issuer, and again when a token names a key that is not known.
    options.Authority = Issuer;
    // `sub` and `roles` keep their names.
    options.MapInboundClaims = false;
    options.TokenValidationParameters = new TokenValidationParameters
    {
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        ValidTypes = ["at+jwt"],
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = TimeSpan.FromSeconds(5),
        NameClaimType = "sub",
        RoleClaimType = "roles",
    };
});

// Closed by default: what asks for nothing asks for somebody who is signed in.
builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(
    new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();

app.MapGet("/orders", (ClaimsPrincipal user) => $"Hello {user.Identity!.Name}");
app.MapGet("/admin/users", () => "For administrators").RequireAuthorization(policy => policy.RequireRole("admin"));

app.Run();
