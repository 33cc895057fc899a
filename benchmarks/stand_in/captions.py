"""What a captioning model would say of a soccer match: of each kind of event, and of everything else.

Written before the profile's phrases for these events: some lines describe an event without any of them.
"""

from __future__ import annotations

LINES: dict[str, tuple[str, ...]] = {
    "goal": (
        "A player in red scores a goal and raises his arms.",
        "The ball goes past the goalkeeper and hits the back of the net.",
        "The striker taps the ball into an empty net.",
        "The ball crosses the line and the goalkeeper lies on the ground.",
        "The team in white scores, and the players run to the corner flag to celebrate.",
        "He slots the ball into the bottom corner and slides on his knees.",
    ),
    "penalty_kick": (
        "A player takes a penalty kick.",
        "A player places the ball on the penalty spot and shoots while the goalkeeper dives.",
        "The penalty taker runs up and strikes the ball to the left of the goalkeeper.",
        "One player faces the goalkeeper from twelve yards and kicks the ball.",
    ),
    "red_card": (
        "The referee shows a red card to a player in blue.",
        "The referee holds up a red card.",
        "A player is sent off and walks towards the tunnel.",
        "The referee reaches into his pocket and raises a red card.",
    ),
    "save": (
        "The goalkeeper dives and saves the shot.",
        "The goalkeeper stops the ball with both hands.",
        "The goalkeeper in green blocks a shot with his legs.",
        "The keeper tips the ball over the bar.",
        "A shot from distance is caught by the goalkeeper.",
        "The goalkeeper parries the ball away from the forward.",
    ),
    "shot": (
        "A player in white shoots at the goal from outside the box.",
        "The forward heads the ball at the goal.",
        "A powerful shot goes over the crossbar.",
        "The midfielder strikes the ball towards the goal.",
        "A player fires wide of the post.",
        "A player takes a shot from the edge of the area.",
    ),
    "corner": (
        "A player takes a corner kick.",
        "The ball is swung in from the corner flag.",
        "A corner kick is delivered into the box.",
        "A player in blue places the ball by the corner flag and crosses it.",
    ),
    "free_kick": (
        "A player takes a free kick over the wall.",
        "A free kick is taken from outside the box.",
        "The wall jumps as the ball is kicked over it.",
        "A player curls a free kick towards the far post.",
    ),
}
"""Of each kind of event."""

OTHERS = (
    "A player in blue passes the ball to a teammate in midfield.",
    "Two players compete for a header.",
    "The goalkeeper kicks the ball upfield.",
    "The referee blows the whistle and points.",
    "The crowd waves flags in the stands.",
    "A player in white dribbles along the touchline.",
    "The coach gestures from the sideline.",
    "Players walk back to their positions.",
    "A defender clears the ball out of the box.",
    "A close-up shows a player wiping his face.",
    "The ball goes out of play near the corner flag.",
    "A player lies on the ground holding his ankle.",
    "A throw-in is taken on the left side.",
    "The goalkeeper picks up the ball.",
    "A replay shows the tackle in slow motion.",
    "Players in red hug each other in front of the fans.",
    "The ball rolls slowly towards the penalty area.",
    "A player misses the goal by a wide margin.",
)
"""Of everything else."""
