#include "node.hpp"

#include <algorithm>
#include <utility>

#include "driver/image_work.hpp"
#include "wire/command.hpp"

namespace conclave::engine::test {

MemberId member(std::uint8_t number) {
  MemberId id;
  id.bytes[15] = number;
  return id;
}

Uuid uuid(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = number;
  return id;
}

Address address(std::uint8_t number) { return {.host = "node-" + std::to_string(number), .port = 7400}; }
std::string name(std::uint8_t number) { return std::string(1, static_cast<char>('a' + number - 1)); }
std::uint64_t nonce(std::uint8_t number) { return 1000u + number; }
CommandCodec codec() { return {.encode = &wire::encode_command, .decode = &wire::decode_command}; }

Founder founder(std::uint8_t number) {
  return {.member = member(number), .nonce = uuid(number), .name = name(number), .address = address(number)};
}

Options options(std::uint8_t number) {
  Options options;
  options.cluster_name = "conclave";
  options.name = name(number);
  options.advertise = address(number);
  options.codec = codec();
  return options;
}

Options founding(std::uint8_t number, std::uint8_t founders) {
  auto chosen = options(number);
  for (std::uint8_t each = 1; each <= founders; ++each) chosen.founders.push_back(address(each));
  return chosen;
}

Options single(std::uint8_t number) {
  auto chosen = options(number);
  chosen.single = true;
  return chosen;
}

Recovered fresh(std::uint8_t number) {
  Recovered recovered;
  recovered.identity = {
      .member = member(number), .founding_nonce = uuid(number), .cluster_name = "conclave", .name = name(number)};
  recovered.generation.member = member(number);
  recovered.generation.boot_epoch = 1;
  recovered.generation.nonces = {nonce(number)};
  recovered.opening_batch = BatchId{1};
  return recovered;
}

GenesisRecord genesis(std::uint8_t count) {
  GenesisRecord record{.committed = true, .cluster = {}, .lineage = {}, .founders = {}, .incarnation = paxos::Incarnation{1}};
  for (std::uint8_t each = 1; each <= count; ++each) record.founders.push_back(founder(each));
  record.cluster = cluster_of("conclave", record.founders);
  return record;
}

Recovered belonging(std::uint8_t number, std::uint8_t founders) {
  auto recovered = fresh(number);
  recovered.genesis = genesis(founders);
  if (number > founders) recovered.genesis->incarnation = {};
  return recovered;
}

Hello hello(std::uint8_t number) {
  Hello said;
  said.version_min = 1;
  said.version_max = 1;
  said.cluster_name = "conclave";
  said.member = member(number);
  said.name = name(number);
  said.address = address(number);
  said.boot_epoch = 1;
  said.store_nonces = {nonce(number)};
  said.founding_nonce = uuid(number);
  return said;
}

Hello founder_hello(std::uint8_t number, std::uint8_t founders) {
  auto said = hello(number);
  for (std::uint8_t each = 1; each <= founders; ++each) said.founders.push_back(address(each));
  return said;
}

Hello voter_hello(std::uint8_t number, const GenesisRecord& record) {
  auto said = hello(number);
  said.cluster = record.cluster;
  said.has_vote = true;
  said.incarnation = paxos::Incarnation{1};
  return said;
}

Hello ephemeral_hello(std::uint8_t number) {
  auto said = hello(number);
  said.address.reset();
  said.ephemeral = true;
  return said;
}

Node::Node(Options options, Recovered recovered) : engine(std::move(options), std::move(recovered), Prng(7), now) {
  (void)tick();
}

Node::~Node() = default;

Effects Node::step(Event event) {
  auto effects = engine.step(std::move(event), now);
  keep(effects);
  if (!effects.persist.empty() && !holds) (void)step(Persisted{.upto = effects.batch});
  return effects;
}

Effects Node::tick() { return step(Tick{}); }

void Node::run_for(BootClock::duration duration) {
  const auto end = now + duration;
  while (engine.next_wakeup() <= end) {
    now = std::max(now, engine.next_wakeup());
    (void)tick();
  }
  now = end;
}

bool Node::run_until(const std::function<bool()>& done, BootClock::duration limit) {
  for (const auto end = now + limit; !done();) {
    if (engine.next_wakeup() > end) return false;
    now = std::max(now, engine.next_wakeup());
    (void)tick();
  }
  return true;
}

bool Node::lead() {
  return run_until([this] { return engine.replica() && engine.replica()->term_started(); });
}

LinkId Node::open_link(const Address& remote, bool dialled) {
  const LinkId link{++links_};
  (void)step(LinkOpened{.link = link, .remote = remote, .dialled = dialled});
  return link;
}

LinkId Node::link(const Hello& said, bool dialled) {
  const auto link = open_link(said.address.value_or(address(99)), dialled);
  headers_[link] = {.version = 1, .cluster = said.cluster, .lineage = {}, .sender = said.member,
                    .store_nonce = said.store_nonces.front()};
  (void)hear(link, said);
  return link;
}

Effects Node::hear(LinkId link, Message message) {
  if (!std::holds_alternative<Hello>(message)) headers_[link].cluster = engine.header().cluster;
  return hear(link, std::vector{std::move(message)});
}

Effects Node::hear(LinkId link, std::vector<Message> messages) {
  return step(FrameReceived{.link = link, .frame = {.header = headers_[link], .messages = std::move(messages)}});
}

bool Node::closed(LinkId link) const { return std::ranges::find(closed_, link) != closed_.end(); }

bool Node::remarked(const std::string& text) const {
  return std::ranges::any_of(remarks_, [&](const auto& remark) { return remark.text.find(text) != std::string::npos; });
}

std::string Node::waits_for() const {
  const auto notices = told<Progress>();
  return notices.empty() || !notices.back().waiting_for ? std::string() : notices.back().waiting_for->message();
}

void Node::forget() {
  sent_.clear();
  notices_.clear();
  applied_.clear();
}

SessionId Node::open_session(std::uint8_t number, std::chrono::milliseconds ttl) {
  (void)step(OpenSession{.nonce = uuid(number), .ttl = ttl});
  const auto ready = told<SessionReady>();
  return ready.empty() ? SessionId{} : ready.back().session;
}

void Node::submit(SessionId session, coordination::Op op) {
  (void)step(Submit{.ticket = ++tickets_, .session = session, .op = std::move(op)});
}

void Node::keep(const Effects& effects) {
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(sent_, effects.send_now);
  append(sent_, effects.send_after);
  append(notices_, effects.notices);
  for (const auto& notice : effects.notices)
    if (const auto* applied = std::get_if<AppliedEvents>(&notice)) append(applied_, applied->events);
  append(records_, effects.persist);
  append(remarks_, effects.remarks);
  append(closed_, effects.close);
  for (const auto link : effects.close) (void)step(LinkClosed{.link = link});
  if (holds_images) return;
  for (const auto& work : effects.seal) (void)step(driver::seal(work));
  for (const auto& work : effects.open) (void)step(driver::open(work));
}

coordination::ResourceName lock(std::string name) {
  return {coordination::ResourceKind::lock, std::move(name)};
}

}  // namespace conclave::engine::test
